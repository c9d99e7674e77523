package dev.polyshift.standin.aggregate;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.Docs;
import dev.polyshift.standin.query.FieldPath;

/** Manual: https://www.mongodb.com/docs/manual/reference/operator/aggregation/unwind/ */
final class UnwindStage {

    private UnwindStage() {
    }

    static Stage compile(Object spec) {
        Document options = spec instanceof Document document ? document : new Document("path", spec);
        if (!(options.get("path") instanceof String text) || !text.startsWith("$")) {
            throw Failure.location(28818, "path option to $unwind stage should be prefixed with a '$'");
        }
        String[] parts = new FieldPath(text.substring(1)).requireNonEmptyParts().parts();
        boolean keepEmpty = Docs.truthy(options.get("preserveNullAndEmptyArrays"));
        String indexField = (String) options.get("includeArrayIndex");
        return input -> Iterators.flatMap(input, document -> unwind(document, parts, keepEmpty, indexField));
    }

    private static Iterator<Document> unwind(Document document, String[] parts, boolean keepEmpty, String indexField) {
        Object value = document;
        for (String part : parts) {
            value = value instanceof Document parent ? parent.getOrMissing(part) : de.bwaldvogel.mongo.backend.Missing.getInstance();
        }
        if (!(value instanceof List<?> list)) {
            boolean absent = Docs.isNullish(value);
            if (absent && !keepEmpty) {
                return Collections.emptyIterator();
            }
            return List.of(indexed(document, indexField, null)).iterator();
        }
        if (list.isEmpty()) {
            return keepEmpty ? List.of(indexed(with(document, parts, 0, null, true), indexField, null)).iterator() : Collections.emptyIterator();
        }
        List<Document> unwound = new ArrayList<>(list.size());
        for (int i = 0; i < list.size(); i++) {
            unwound.add(indexed(with(document, parts, 0, list.get(i), false), indexField, (long) i));
        }
        return unwound.iterator();
    }

    private static Document indexed(Document document, String field, Long index) {
        if (field == null) {
            return document;
        }
        Document result = new Document(document);
        result.put(field, index);
        return result;
    }

    private static Document with(Document document, String[] parts, int at, Object value, boolean remove) {
        Document copy = new Document(document);
        if (at < parts.length - 1) {
            copy.put(parts[at], with((Document) document.get(parts[at]), parts, at + 1, value, remove));
        } else if (remove) {
            copy.remove(parts[at]);
        } else {
            copy.put(parts[at], value);
        }
        return copy;
    }
}
