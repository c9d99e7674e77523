package dev.polyshift.standin.bson;

import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.bson.BinData;
import de.bwaldvogel.mongo.bson.BsonJavaScript;
import de.bwaldvogel.mongo.bson.BsonRegularExpression;
import de.bwaldvogel.mongo.bson.BsonTimestamp;
import de.bwaldvogel.mongo.bson.Decimal128;
import de.bwaldvogel.mongo.bson.LegacyUUID;
import de.bwaldvogel.mongo.bson.MaxKey;
import de.bwaldvogel.mongo.bson.MinKey;
import de.bwaldvogel.mongo.bson.ObjectId;

/** Type numbers and aliases. Manual: https://www.mongodb.com/docs/manual/reference/bson-types/ */
public final class BsonTypes {

    private static final Map<String, Integer> CODES = new LinkedHashMap<>();

    static {
        String[] aliases = {"double", "string", "object", "array", "binData", "undefined", "objectId", "bool", "date",
            "null", "regex", "dbPointer", "javascript", "symbol", "javascriptWithScope", "int", "timestamp", "long",
            "decimal"};
        for (int i = 0; i < aliases.length; i++) {
            CODES.put(aliases[i], i + 1);
        }
        CODES.put("minKey", -1);
        CODES.put("maxKey", 127);
    }

    private BsonTypes() {
    }

    /** The number of an alias, or null if there is no such alias ("number" stands for several and is not here). */
    public static Integer codeOf(String alias) {
        return CODES.get(alias);
    }

    public static boolean isCode(int code) {
        return CODES.containsValue(code);
    }

    public static String alias(Object value) {
        int code = code(value);
        if (code == 0) {
            return "missing";
        }
        for (Map.Entry<String, Integer> entry : CODES.entrySet()) {
            if (entry.getValue() == code) {
                return entry.getKey();
            }
        }
        throw new IllegalStateException("type " + code);
    }

    /** The BSON type number of a value; 0 for a missing one. */
    public static int code(Object value) {
        if (value == null) {
            return 10;
        } else if (value instanceof String) {
            return 2;
        } else if (value instanceof Integer) {
            return 16;
        } else if (value instanceof Long) {
            return 18;
        } else if (value instanceof Double) {
            return 1;
        } else if (value instanceof Map) {
            return 3;
        } else if (value instanceof Collection) {
            return 4;
        } else if (value instanceof Boolean) {
            return 8;
        } else if (value instanceof Instant) {
            return 9;
        } else if (value instanceof ObjectId) {
            return 7;
        } else if (value instanceof Decimal128) {
            return 19;
        } else if (value instanceof Missing) {
            return 0;
        } else if (value instanceof BinData || value instanceof UUID || value instanceof LegacyUUID || value instanceof Binary) {
            return 5;
        } else if (value instanceof BsonTimestamp) {
            return 17;
        } else if (value instanceof BsonRegularExpression) {
            return 11;
        } else if (value instanceof BsonJavaScript) {
            return 13;
        } else if (value instanceof MinKey) {
            return -1;
        } else if (value instanceof MaxKey) {
            return 127;
        } else if (value instanceof Opaque opaque) {
            return opaque.type();
        }
        throw new IllegalArgumentException("no BSON type for " + value.getClass());
    }
}
