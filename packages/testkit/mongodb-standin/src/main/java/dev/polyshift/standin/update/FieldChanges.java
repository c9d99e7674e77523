package dev.polyshift.standin.update;

import java.time.Instant;
import java.util.Set;
import java.util.function.UnaryOperator;

import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.bson.BsonTimestamp;
import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.BsonOrder;
import dev.polyshift.standin.bson.BsonTypes;
import dev.polyshift.standin.bson.Docs;
import dev.polyshift.standin.bson.Numbers;
import dev.polyshift.standin.query.FieldPath;

/** The update operators on single values. Manual: https://www.mongodb.com/docs/manual/reference/operator/update/ */
final class FieldChanges {

    private static final Set<String> KNOWN = Set.of("$set", "$setOnInsert", "$unset", "$inc", "$mul", "$min", "$max",
        "$rename", "$currentDate", "$bit", "$push", "$addToSet", "$pull", "$pullAll", "$pop");

    private FieldChanges() {
    }

    static boolean isKnown(String operator) {
        return KNOWN.contains(operator);
    }

    static FieldChange compile(String operator, FieldPath path, Object value) {
        return switch (operator) {
            case "$set" -> change(path, (document, at) -> DocumentEdit.set(document, at, Docs.copyValue(value)), false);
            case "$setOnInsert" -> change(path, (document, at) -> DocumentEdit.set(document, at, Docs.copyValue(value)), true);
            case "$unset" -> change(path, DocumentEdit::remove, false);
            case "$inc", "$mul" -> arithmetic(operator, path, value);
            case "$min" -> replace(path, old -> old instanceof Missing || BsonOrder.compare(value, old) < 0 ? value : old);
            case "$max" -> replace(path, old -> old instanceof Missing || BsonOrder.compare(value, old) > 0 ? value : old);
            case "$rename" -> rename(path, value);
            case "$currentDate" -> currentDate(path, value);
            case "$bit" -> bit(path, value);
            default -> ArrayChanges.compile(operator, path, value);
        };
    }

    interface Edit {
        void apply(Document document, FieldPath path);
    }

    static FieldChange change(FieldPath path, Edit edit, boolean onlyOnInsert) {
        return new FieldChange() {
            @Override
            public FieldPath path() {
                return path;
            }

            @Override
            public void apply(Document document, FieldPath resolved) {
                edit.apply(document, resolved);
            }

            @Override
            public boolean onlyOnInsert() {
                return onlyOnInsert;
            }
        };
    }

    static FieldChange replace(FieldPath path, UnaryOperator<Object> function) {
        return change(path, (document, at) -> {
            Object old = DocumentEdit.get(document, at);
            Object replaced = function.apply(old);
            if (replaced != old) {
                DocumentEdit.set(document, at, replaced);
            }
        }, false);
    }

    private static FieldChange arithmetic(String operator, FieldPath path, Object value) {
        if (!(value instanceof Number operand)) {
            throw Failure.typeMismatch("Cannot " + (operator.equals("$inc") ? "increment" : "multiply")
                + " with non-numeric argument: {" + path + ": " + value + "}");
        }
        Numbers.Operation operation = operator.equals("$inc") ? Numbers.Operation.ADD : Numbers.Operation.MULTIPLY;
        return change(path, (document, at) -> {
            Object old = DocumentEdit.get(document, at);
            if (old instanceof Missing) {
                DocumentEdit.set(document, at, operator.equals("$inc") ? operand : Numbers.apply(operation, operand, 0));
                return;
            }
            if (!(old instanceof Number number)) {
                throw Failure.typeMismatch("Cannot apply " + operator + " to a value of non-numeric type. {_id: "
                    + de.bwaldvogel.mongo.bson.Json.toCompactJsonValue(document.get("_id")) + "} has the field '"
                    + at.parts()[at.parts().length - 1] + "' of non-numeric type " + BsonTypes.alias(old));
            }
            Number result = Numbers.apply(operation, number, operand);
            if (result instanceof Double && !(number instanceof Double) && !(operand instanceof Double)) {
                throw Failure.badValue("Failed to apply " + operator + " operations to current value (" + old + ") for document {_id: "
                    + document.get("_id") + "}");
            }
            DocumentEdit.set(document, at, result);
        }, false);
    }

    private static FieldChange rename(FieldPath path, Object value) {
        if (!(value instanceof String name)) {
            throw Failure.badValue("The 'to' field for $rename must be a string: " + path + ": " + value);
        }
        if (name.indexOf('$') >= 0 || path.text().indexOf('$') >= 0) {
            throw Failure.badValue("The source and target field for $rename may not be dynamic");
        }
        FieldPath to = new FieldPath(name);
        return change(path, (document, from) -> {
            Object found = DocumentEdit.get(document, from);
            if (found instanceof Missing) {
                return;
            }
            requireNoArray(document, from, "source");
            requireNoArray(document, to, "destination");
            DocumentEdit.remove(document, from);
            DocumentEdit.set(document, to, found);
        }, false);
    }

    private static void requireNoArray(Document document, FieldPath path, String role) {
        Object current = document;
        for (String part : path.parts()) {
            if (current instanceof java.util.List) {
                throw Failure.badValue("The " + role + " field cannot be an array element, '" + path + "' in doc with _id: "
                    + document.get("_id") + " has an array field");
            }
            current = current instanceof Document parent ? parent.get(part) : null;
        }
    }

    private static FieldChange currentDate(FieldPath path, Object value) {
        boolean timestamp = value instanceof Document document && "timestamp".equals(document.get("$type"));
        if (!timestamp && !(value instanceof Boolean) && !(value instanceof Document d && "date".equals(d.get("$type")))) {
            throw Failure.badValue("The '$type' string field is required to be 'date' or 'timestamp': {$currentDate: {field : {$type: 'date'}}}");
        }
        return change(path, (document, at) -> {
            Instant now = Instant.ofEpochMilli(System.currentTimeMillis());
            DocumentEdit.set(document, at, timestamp ? new BsonTimestamp(now, 1) : now);
        }, false);
    }

    private static FieldChange bit(FieldPath path, Object value) {
        if (!(value instanceof Document operations)) {
            throw Failure.badValue("The $bit modifier is not compatible with a " + BsonTypes.alias(value));
        }
        return replace(path, old -> {
            Number current = old instanceof Missing ? (Number) 0 : (Number) old;
            for (var entry : operations.entrySet()) {
                Number operand = (Number) entry.getValue();
                long result = switch (entry.getKey()) {
                    case "and" -> current.longValue() & operand.longValue();
                    case "or" -> current.longValue() | operand.longValue();
                    case "xor" -> current.longValue() ^ operand.longValue();
                    default -> throw Failure.badValue("The $bit modifier only supports 'and', 'or', and 'xor', not '" + entry.getKey() + "'");
                };
                boolean isInt = current instanceof Integer && operand instanceof Integer;
                current = isInt ? (Number) (int) result : (Number) result;
            }
            return current;
        });
    }
}
