package dev.polyshift.standin.bson;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.bson.BsonRegularExpression;
import de.bwaldvogel.mongo.bson.Document;

/** Copying, comparing and measuring documents. Stored documents are never changed in place: copy, then change. */
public final class Docs {

    private Docs() {
    }

    public static Document copy(Document document) {
        return (Document) copyValue(document);
    }

    public static Object copyValue(Object value) {
        if (value instanceof Document document) {
            Document copy = new Document();
            for (Map.Entry<String, Object> entry : document.entrySet()) {
                copy.put(entry.getKey(), copyValue(entry.getValue()));
            }
            return copy;
        } else if (value instanceof Collection<?> list) {
            List<Object> copy = new ArrayList<>(list.size());
            for (Object element : list) {
                copy.add(copyValue(element));
            }
            return copy;
        }
        return value;
    }

    /** The same bytes: unlike {@link BsonOrder#equal}, 1 and NumberLong(1) differ. */
    public static boolean same(Object a, Object b) {
        if (a == b) {
            return true;
        } else if (a instanceof Document x && b instanceof Document y) {
            if (x.size() != y.size()) {
                return false;
            }
            Iterator<Map.Entry<String, Object>> other = y.entrySet().iterator();
            for (Map.Entry<String, Object> entry : x.entrySet()) {
                Map.Entry<String, Object> match = other.next();
                if (!entry.getKey().equals(match.getKey()) || !same(entry.getValue(), match.getValue())) {
                    return false;
                }
            }
            return true;
        } else if (a instanceof Collection<?> x && b instanceof Collection<?> y) {
            if (x.size() != y.size()) {
                return false;
            }
            Iterator<?> other = y.iterator();
            for (Object element : x) {
                if (!same(element, other.next())) {
                    return false;
                }
            }
            return true;
        } else if (a instanceof BsonRegularExpression && b instanceof BsonRegularExpression) {
            return BsonOrder.equal(a, b);
        }
        return Objects.equals(a, b);
    }

    /** BSON size in bytes, counted without writing the document. */
    public static int size(Map<String, Object> document) {
        int size = 5;
        for (Map.Entry<String, Object> entry : document.entrySet()) {
            size += 2 + utf8Length(entry.getKey()) + valueSize(entry.getValue());
        }
        return size;
    }

    private static int valueSize(Object value) {
        switch (BsonTypes.code(value)) {
            case 2: return 5 + utf8Length((String) value);
            case 16: return 4;
            case 1: case 18: case 9: case 17: return 8;
            case 8: return 1;
            case 7: return 12;
            case 19: return 16;
            case 3: return size((Document) value);
            case 4: {
                int size = 5;
                int index = 0;
                for (Object element : (Collection<?>) value) {
                    size += 2 + Integer.toString(index++).length() + valueSize(element);
                }
                return size;
            }
            case 5: return 5 + BsonOrder.binary(value).data().length;
            case 0: case 10: case -1: case 127: return 0;
            default: return BsonWriter.bytes(new Document("", value)).length - 7;
        }
    }

    public static int utf8Length(String text) {
        int length = text.length();
        int bytes = length;
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                bytes += c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
            }
        }
        return bytes;
    }

    public static boolean isMissing(Object value) {
        return value instanceof Missing;
    }

    /** Null, missing or undefined. */
    public static boolean isNullish(Object value) {
        return value == null || value instanceof Missing || value instanceof Opaque o && o.type() == Opaque.UNDEFINED;
    }

    /** Truth as expressions and command options see it: false, null, missing and zero are false. */
    public static boolean truthy(Object value) {
        if (isNullish(value)) {
            return false;
        } else if (value instanceof Boolean b) {
            return b;
        } else if (value instanceof Number number) {
            return Numbers.isNaN(number) || Numbers.compare(number, 0) != 0;
        }
        return true;
    }
}
