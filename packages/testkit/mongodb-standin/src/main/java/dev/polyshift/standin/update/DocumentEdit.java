package dev.polyshift.standin.update;

import java.util.List;

import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.BsonTypes;
import dev.polyshift.standin.query.FieldPath;

/** Reads, sets and removes by path, as update operators do: array elements by number, absent parents made on set. */
final class DocumentEdit {

    private static final int LARGEST_PADDING = 1_500_000;

    private DocumentEdit() {
    }

    static Object get(Document document, FieldPath path) {
        Object current = document;
        for (String part : path.parts()) {
            current = child(current, part);
        }
        return current;
    }

    private static Object child(Object parent, String part) {
        if (parent instanceof Document document) {
            return document.getOrMissing(part);
        }
        if (parent instanceof List<?> list) {
            int index = FieldPath.arrayIndex(part);
            return index >= 0 && index < list.size() ? list.get(index) : Missing.getInstance();
        }
        return Missing.getInstance();
    }

    static void set(Document document, FieldPath path, Object value) {
        String[] parts = path.parts();
        Object parent = document;
        for (int i = 0; i < parts.length - 1; i++) {
            Object next = child(parent, parts[i]);
            if (next instanceof Missing) {
                next = new Document();
                put(parent, parts[i], next, path, i, document);
            }
            parent = next;
        }
        put(parent, parts[parts.length - 1], value, path, parts.length - 1, document);
    }

    @SuppressWarnings("unchecked")
    private static void put(Object parent, String part, Object value, FieldPath path, int at, Document document) {
        if (parent instanceof Document map) {
            map.put(part, value);
            return;
        }
        int index = FieldPath.arrayIndex(part);
        if (parent instanceof List<?> && index >= 0) {
            List<Object> list = (List<Object>) parent;
            if (index - list.size() > LARGEST_PADDING) {
                throw Failure.badValue("The update would cause the array to have more than " + LARGEST_PADDING + " null elements");
            }
            while (list.size() <= index) {
                list.add(null);
            }
            list.set(index, value);
            return;
        }
        String above = at == 0 ? "" : path.parts()[at - 1];
        throw new Failure(28, "PathNotViable", "Cannot create field '" + part + "' in element {" + above + ": "
            + de.bwaldvogel.mongo.bson.Json.toCompactJsonValue(parent) + "} of type " + BsonTypes.alias(parent)
            + ", _id: " + document.get("_id"));
    }

    @SuppressWarnings("unchecked")
    static void remove(Document document, FieldPath path) {
        String[] parts = path.parts();
        Object parent = document;
        for (int i = 0; i < parts.length - 1; i++) {
            parent = child(parent, parts[i]);
        }
        String last = parts[parts.length - 1];
        if (parent instanceof Document map) {
            map.remove(last);
        } else if (parent instanceof List<?> list) {
            int index = FieldPath.arrayIndex(last);
            if (index >= 0 && index < list.size()) {
                ((List<Object>) list).set(index, null);
            }
        }
    }
}
