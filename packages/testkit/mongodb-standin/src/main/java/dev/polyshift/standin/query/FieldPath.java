package dev.polyshift.standin.query;

import java.util.ArrayList;
import java.util.List;

import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;

/** A dotted path and the three ways MongoDB follows one: in queries, in expressions, and as index or sort key. */
public final class FieldPath {

    private final String text;
    private final String[] parts;

    public FieldPath(String text) {
        this.text = text;
        this.parts = text.indexOf('.') < 0 ? new String[] {text} : text.split("\\.", -1);
    }

    public String text() {
        return text;
    }

    public String[] parts() {
        return parts;
    }

    /** Checks what field paths in expressions, updates and indexes must keep to. */
    public FieldPath requireNonEmptyParts() {
        if (text.endsWith(".")) {
            throw Failure.location(40353, "FieldPath must not end with a '.'.");
        }
        for (String part : parts) {
            if (part.isEmpty()) {
                throw Failure.location(15998, "FieldPath field names may not be empty strings.");
            }
        }
        return this;
    }

    /**
     * Whether any value the path reaches passes the test. Arrays on the way are searched through; at the end the
     * elements of an array are tested, then the array itself, unless {@code expand} is off. An absent value is tested
     * as Missing. Manual: https://www.mongodb.com/docs/manual/tutorial/query-array-of-documents/
     */
    boolean any(Document document, boolean expand, ValueTest test, Match match) {
        return any(document, 0, expand, test, match);
    }

    private boolean any(Document document, int at, boolean expand, ValueTest test, Match match) {
        Object value = document.getOrMissing(parts[at]);
        if (at == parts.length - 1) {
            return leaf(value, expand, test, match);
        }
        return descend(value, at + 1, expand, test, match);
    }

    private boolean descend(Object value, int at, boolean expand, ValueTest test, Match match) {
        if (value instanceof Document document) {
            return any(document, at, expand, test, match);
        }
        if (!(value instanceof List<?> list)) {
            return test.test(Missing.getInstance(), match);
        }
        for (int i = 0; i < list.size(); i++) {
            if (list.get(i) instanceof Document element && any(element, at, expand, test, match)) {
                match.at(i);
                return true;
            }
        }
        int index = arrayIndex(parts[at]);
        if (index >= 0 && index < list.size()) {
            Object element = list.get(index);
            return at == parts.length - 1
                ? leaf(element, expand, test, match)
                : !(element instanceof Document) && descend(element, at + 1, expand, test, match)
                    || element instanceof Document document && any(document, at + 1, expand, test, match);
        }
        return false;
    }

    private static boolean leaf(Object value, boolean expand, ValueTest test, Match match) {
        if (expand && value instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                if (test.test(list.get(i), match)) {
                    match.at(i);
                    return true;
                }
            }
        }
        return test.test(value, match);
    }

    /** The value as expressions see it: through an array, the array of what its documents hold. */
    public Object inExpression(Object value, int at) {
        Object current = value;
        for (int i = at; i < parts.length; i++) {
            if (current instanceof Document document) {
                current = document.getOrMissing(parts[i]);
            } else if (current instanceof List<?> list) {
                List<Object> values = new ArrayList<>();
                for (Object element : list) {
                    if (element instanceof Document || element instanceof List) {
                        Object found = inExpression(element, i);
                        if (!(found instanceof Missing)) {
                            values.add(found);
                        }
                    }
                }
                return values;
            } else {
                return Missing.getInstance();
            }
        }
        return current;
    }

    /** All values an index or sort key takes from a document: one, or one for each element of an array. */
    public List<Object> keys(Document document) {
        List<Object> keys = new ArrayList<>(1);
        collect(document, 0, keys);
        return keys;
    }

    /** Whether an array stands on the path, which makes an index on it a multikey one. */
    private void collect(Object value, int at, List<Object> keys) {
        if (at == parts.length) {
            if (value instanceof List<?> list) {
                if (list.isEmpty()) {
                    keys.add(new dev.polyshift.standin.bson.Opaque((byte) 6, new byte[0]));
                }
                keys.addAll(list);
            } else {
                keys.add(value instanceof Missing ? null : value);
            }
        } else if (value instanceof Document document) {
            collect(document.getOrMissing(parts[at]), at + 1, keys);
        } else if (value instanceof List<?> list) {
            int index = arrayIndex(parts[at]);
            if (index >= 0) {
                if (index < list.size()) {
                    collect(list.get(index), at + 1, keys);
                } else {
                    keys.add(null);
                }
                return;
            }
            for (Object element : list) {
                if (element instanceof Document) {
                    collect(element, at, keys);
                } else {
                    keys.add(null);
                }
            }
            if (list.isEmpty()) {
                keys.add(null);
            }
        } else {
            keys.add(null);
        }
    }

    /** Whether the path exists at all; sparse indexes leave other documents out. */
    public boolean exists(Document document) {
        return any(document, false, (value, match) -> !(value instanceof Missing), new Match());
    }

    /** The array index a path part names, or -1. */
    public static int arrayIndex(String part) {
        int length = part.length();
        if (length == 0 || length > 9 || length > 1 && part.charAt(0) == '0') {
            return -1;
        }
        int index = 0;
        for (int i = 0; i < length; i++) {
            char c = part.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            index = index * 10 + (c - '0');
        }
        return index;
    }

    @Override
    public String toString() {
        return text;
    }
}
