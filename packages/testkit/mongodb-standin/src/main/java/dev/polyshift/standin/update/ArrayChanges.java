package dev.polyshift.standin.update;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.BsonOrder;
import dev.polyshift.standin.bson.BsonTypes;
import dev.polyshift.standin.bson.Docs;
import dev.polyshift.standin.bson.Numbers;
import dev.polyshift.standin.query.FieldPath;
import dev.polyshift.standin.query.FilterCompiler;
import dev.polyshift.standin.query.SortOrder;

/** The update operators on arrays. Manual: https://www.mongodb.com/docs/manual/reference/operator/update-array/ */
final class ArrayChanges {

    private ArrayChanges() {
    }

    static FieldChange compile(String operator, FieldPath path, Object value) {
        return switch (operator) {
            case "$push" -> push(path, value);
            case "$addToSet" -> addToSet(path, value);
            case "$pull" -> {
                Predicate<Object> condition = FilterCompiler.element(value);
                yield remove(operator, path, condition);
            }
            case "$pullAll" -> {
                if (!(value instanceof List<?> values)) {
                    throw Failure.badValue("$pullAll requires an array argument but was given a " + BsonTypes.alias(value));
                }
                yield remove(operator, path, element -> values.stream().anyMatch(other -> BsonOrder.equal(element, other)));
            }
            default -> pop(path, value);
        };
    }

    private static List<Object> array(String operator, Object old) {
        if (old instanceof Missing) {
            return new ArrayList<>();
        }
        if (old instanceof List<?> list) {
            return new ArrayList<>(list);
        }
        throw Failure.badValue("Cannot apply " + operator + " to a non-array value: the field must be an array but is of type "
            + BsonTypes.alias(old));
    }

    private static FieldChange push(FieldPath path, Object value) {
        Document modifiers = value instanceof Document document && document.containsKey("$each") ? document : null;
        List<?> added = modifiers == null ? java.util.Collections.singletonList(value) : each("$push", modifiers);
        if (modifiers != null) {
            for (String name : modifiers.keySet()) {
                if (!List.of("$each", "$slice", "$sort", "$position").contains(name)) {
                    throw Failure.badValue("Unrecognized clause in $push: " + name);
                }
            }
        }
        Comparator<Object> order = modifiers != null && modifiers.containsKey("$sort") ? order(modifiers.get("$sort")) : null;
        Long slice = modifiers == null ? null : Numbers.wholeLong(modifiers.get("$slice"));
        Long position = modifiers == null ? null : Numbers.wholeLong(modifiers.get("$position"));
        return FieldChanges.replace(path, old -> {
            List<Object> list = array("$push", old);
            int size = list.size();
            int at = position == null ? size : (int) (position < 0 ? Math.max(0, size + position) : Math.min(size, position));
            list.addAll(at, copies(added));
            if (order != null) {
                list.sort(order);
            }
            if (slice != null) {
                int length = list.size();
                list = new ArrayList<>(slice < 0 ? list.subList((int) Math.max(0, length + slice), length)
                    : list.subList(0, (int) Math.min(length, slice)));
            }
            return list;
        });
    }

    private static List<Object> copies(List<?> values) {
        List<Object> copies = new ArrayList<>();
        values.forEach(value -> copies.add(Docs.copyValue(value)));
        return copies;
    }

    private static List<?> each(String operator, Document modifiers) {
        if (modifiers.get("$each") instanceof List<?> list) {
            return list;
        }
        throw new Failure(2, "BadValue", "The argument to $each in " + operator + " must be an array but it was of type: "
            + BsonTypes.alias(modifiers.get("$each")));
    }

    private static Comparator<Object> order(Object sort) {
        if (sort instanceof Document document) {
            SortOrder byFields = new SortOrder(document);
            return (a, b) -> byFields.compare(a instanceof Document x ? x : new Document(), b instanceof Document y ? y : new Document());
        }
        Long direction = Numbers.wholeLong(sort);
        if (direction == null || direction != 1 && direction != -1) {
            throw Failure.badValue("The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1} to sort embedded fields");
        }
        return (a, b) -> (int) (direction * BsonOrder.compare(a, b));
    }

    private static FieldChange addToSet(FieldPath path, Object value) {
        List<?> added = value instanceof Document document && document.containsKey("$each")
            ? each("$addToSet", document) : java.util.Collections.singletonList(value);
        return FieldChanges.replace(path, old -> {
            List<Object> list = array("$addToSet", old);
            int before = list.size();
            for (Object element : added) {
                if (list.stream().noneMatch(other -> BsonOrder.equal(other, element))) {
                    list.add(Docs.copyValue(element));
                }
            }
            return list.size() == before && !(old instanceof Missing) ? old : list;
        });
    }

    private static FieldChange remove(String operator, FieldPath path, Predicate<Object> condition) {
        return FieldChanges.replace(path, old -> {
            if (old instanceof Missing) {
                return old;
            }
            List<Object> list = array(operator, old);
            return list.removeIf(condition) ? list : old;
        });
    }

    private static FieldChange pop(FieldPath path, Object value) {
        Long end = Numbers.wholeLong(value);
        if (end == null || end != 1 && end != -1) {
            throw Failure.parse("$pop expects 1 or -1, found: " + value);
        }
        return FieldChanges.replace(path, old -> {
            if (old instanceof Missing) {
                return old;
            }
            if (!(old instanceof List)) {
                throw Failure.typeMismatch("Path '" + path + "' contains an element of non-array type '" + BsonTypes.alias(old) + "'");
            }
            List<Object> list = array("$pop", old);
            if (!list.isEmpty()) {
                list.remove(end == 1 ? list.size() - 1 : 0);
            }
            return list;
        });
    }
}
