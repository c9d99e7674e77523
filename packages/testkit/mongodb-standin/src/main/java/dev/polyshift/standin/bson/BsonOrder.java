package dev.polyshift.standin.bson;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.Map;
import java.util.UUID;

import de.bwaldvogel.mongo.bson.BinData;
import de.bwaldvogel.mongo.bson.BsonJavaScript;
import de.bwaldvogel.mongo.bson.BsonRegularExpression;
import de.bwaldvogel.mongo.bson.BsonTimestamp;
import de.bwaldvogel.mongo.bson.LegacyUUID;
import de.bwaldvogel.mongo.bson.ObjectId;

/**
 * MongoDB's total order of values: by type, then within the type; numbers compare across their four types, documents
 * field by field in order. Manual: https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/
 */
public final class BsonOrder {

    public static final Comparator<Object> ASCENDING = BsonOrder::compare;

    private BsonOrder() {
    }

    /** Values are equal to MongoDB: 1, 1.0 and NumberLong(1) are, {a: 1, b: 2} and {b: 2, a: 1} are not. */
    public static boolean equal(Object a, Object b) {
        return compare(a, b) == 0;
    }

    /** The place of a value's type in the order; values of one rank are comparable in queries. */
    public static int rank(Object value) {
        switch (BsonTypes.code(value)) {
            case -1: return -1;
            case 0: return 0;
            case 6: return 1;
            case 10: return 2;
            case 1: case 16: case 18: case 19: return 3;
            case 2: case 14: return 4;
            case 3: return 5;
            case 4: return 6;
            case 5: return 7;
            case 7: return 8;
            case 8: return 9;
            case 9: return 10;
            case 17: return 11;
            case 11: return 12;
            case 12: return 13;
            case 13: return 14;
            case 15: return 15;
            default: return 127;
        }
    }

    public static int compare(Object a, Object b) {
        if (a == b) {
            return 0;
        }
        if (a instanceof ObjectId x && b instanceof ObjectId y) {
            return Arrays.compareUnsigned(x.toByteArray(), y.toByteArray());
        }
        if (a instanceof Integer x && b instanceof Integer y) {
            return Integer.compare(x, y);
        }
        if (a instanceof String x && b instanceof String y) {
            return strings(x, y);
        }
        int rank = rank(a);
        int other = rank(b);
        if (rank != other) {
            return Integer.compare(rank, other);
        }
        switch (rank) {
            case 3: return Numbers.compare((Number) a, (Number) b);
            case 4: return strings(text(a), text(b));
            case 5: return documents((Map<?, ?>) a, (Map<?, ?>) b);
            case 6: return arrays((Collection<?>) a, (Collection<?>) b);
            case 7: return binaries(a, b);
            case 9: return Boolean.compare((Boolean) a, (Boolean) b);
            case 10: return ((Instant) a).compareTo((Instant) b);
            case 11: return Long.compareUnsigned(((BsonTimestamp) a).getValue(), ((BsonTimestamp) b).getValue());
            case 12: return regexes((BsonRegularExpression) a, (BsonRegularExpression) b);
            case 13: case 15: return Arrays.compareUnsigned(((Opaque) a).raw(), ((Opaque) b).raw());
            case 14: return strings(((BsonJavaScript) a).getCode(), ((BsonJavaScript) b).getCode());
            default: return 0;
        }
    }

    private static String text(Object value) {
        if (value instanceof Opaque symbol) {
            return new String(symbol.raw(), 4, symbol.raw().length - 5, java.nio.charset.StandardCharsets.UTF_8);
        }
        return (String) value;
    }

    /** By UTF-8 bytes: as Java's order by UTF-16 units, except that surrogates come last. */
    private static int strings(String a, String b) {
        int length = Math.min(a.length(), b.length());
        for (int i = 0; i < length; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                boolean high = Character.isSurrogate(x);
                return high == Character.isSurrogate(y) ? Character.compare(x, y) : high ? 1 : -1;
            }
        }
        return Integer.compare(a.length(), b.length());
    }

    private static int documents(Map<?, ?> a, Map<?, ?> b) {
        Iterator<? extends Map.Entry<?, ?>> left = a.entrySet().iterator();
        Iterator<? extends Map.Entry<?, ?>> right = b.entrySet().iterator();
        while (left.hasNext() && right.hasNext()) {
            Map.Entry<?, ?> x = left.next();
            Map.Entry<?, ?> y = right.next();
            int order = Integer.compare(rank(x.getValue()), rank(y.getValue()));
            if (order == 0) {
                order = strings((String) x.getKey(), (String) y.getKey());
            }
            if (order == 0) {
                order = compare(x.getValue(), y.getValue());
            }
            if (order != 0) {
                return order;
            }
        }
        return left.hasNext() ? 1 : right.hasNext() ? -1 : 0;
    }

    private static int arrays(Collection<?> a, Collection<?> b) {
        Iterator<?> left = a.iterator();
        Iterator<?> right = b.iterator();
        while (left.hasNext() && right.hasNext()) {
            int order = compare(left.next(), right.next());
            if (order != 0) {
                return order;
            }
        }
        return left.hasNext() ? 1 : right.hasNext() ? -1 : 0;
    }

    private static int binaries(Object a, Object b) {
        Binary x = binary(a);
        Binary y = binary(b);
        int order = Integer.compare(x.data().length, y.data().length);
        if (order == 0) {
            order = Integer.compare(x.subtype() & 0xFF, y.subtype() & 0xFF);
        }
        return order != 0 ? order : Arrays.compareUnsigned(x.data(), y.data());
    }

    /** Any binary value as subtype and bytes. */
    public static Binary binary(Object value) {
        if (value instanceof BinData data) {
            return new Binary((byte) 0, data.getData());
        } else if (value instanceof UUID uuid) {
            return new Binary((byte) 4, ByteBuffer.allocate(16)
                .putLong(uuid.getMostSignificantBits()).putLong(uuid.getLeastSignificantBits()).array());
        } else if (value instanceof LegacyUUID legacy) {
            return new Binary((byte) 3, ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN)
                .putLong(legacy.getUuid().getMostSignificantBits())
                .putLong(legacy.getUuid().getLeastSignificantBits()).array());
        }
        return (Binary) value;
    }

    private static int regexes(BsonRegularExpression a, BsonRegularExpression b) {
        int order = strings(a.getPattern(), b.getPattern());
        return order != 0 ? order : strings(String.valueOf(a.getOptions()), String.valueOf(b.getOptions()));
    }
}
