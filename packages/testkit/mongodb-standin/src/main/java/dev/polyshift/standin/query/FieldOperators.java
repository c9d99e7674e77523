package dev.polyshift.standin.query;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;

import de.bwaldvogel.mongo.bson.BsonRegularExpression;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.bson.MaxKey;
import de.bwaldvogel.mongo.bson.MinKey;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.BsonOrder;
import dev.polyshift.standin.bson.Docs;
import dev.polyshift.standin.bson.Numbers;

/** The operators below a field name. Manual: https://www.mongodb.com/docs/manual/reference/operator/query/ */
final class FieldOperators {

    private final FilterCompiler filters;

    FieldOperators(FilterCompiler filters) {
        this.filters = filters;
    }

    static boolean isOperators(Document document) {
        return !document.isEmpty() && document.keySet().iterator().next().startsWith("$")
            && !document.containsKey("$ref");
    }

    /** What a field must fulfil: a value to be equal to, a regular expression, or a document of operators. */
    Predicate condition(String field, Object value) {
        if (value instanceof BsonRegularExpression regex) {
            return regex(regex);
        }
        if (!(value instanceof Document document) || !isOperators(document)) {
            return equal(value);
        }
        List<Predicate> all = new ArrayList<>();
        for (Map.Entry<String, Object> entry : document.entrySet()) {
            Predicate predicate = operator(field, entry.getKey(), entry.getValue(), document);
            if (predicate != null) {
                all.add(predicate);
            }
        }
        return all.size() == 1 ? all.get(0) : new Predicate.And(all);
    }

    private Predicate operator(String field, String name, Object value, Document siblings) {
        switch (name) {
            case "$eq": return equal(value);
            case "$ne": return new Predicate.Not(equal(value));
            case "$gt": return compare(value, order -> order > 0, false);
            case "$gte": return compare(value, order -> order >= 0, true);
            case "$lt": return compare(value, order -> order < 0, false);
            case "$lte": return compare(value, order -> order <= 0, true);
            case "$in": return in(name, value);
            case "$nin": return new Predicate.Not(in(name, value));
            case "$not": return not(field, value);
            case "$exists": {
                Predicate exists = new Predicate.Leaf((found, match) -> !Docs.isMissing(found), false);
                return Docs.truthy(value) ? exists : new Predicate.Not(exists);
            }
            case "$type": return TypeCondition.of(field, value);
            case "$size": return size(value);
            case "$all": return all(field, value);
            case "$elemMatch": return elemMatch(field, value);
            case "$mod": return mod(value);
            case "$regex": return regex(value instanceof BsonRegularExpression regex
                ? new BsonRegularExpression(regex.getPattern(),
                    siblings.containsKey("$options") ? (String) siblings.get("$options") : regex.getOptions())
                : new BsonRegularExpression((String) value, (String) siblings.getOrDefault("$options", "")));
            case "$options":
                if (!siblings.containsKey("$regex")) {
                    throw Failure.badValue("$options needs a $regex");
                }
                return null;
            case "$comment": return null;
            case "$bitsAllSet": case "$bitsAnySet": case "$bitsAllClear": case "$bitsAnyClear":
                return BitCondition.of(name, value);
            case "$near": case "$nearSphere": case "$geoWithin": case "$geoIntersects":
                throw Failure.notInStandin("the query operator " + name);
            default: throw Failure.badValue("unknown operator: " + name);
        }
    }

    static Predicate equal(Object wanted) {
        if (wanted == null) {
            return new Predicate.Leaf((value, match) -> Docs.isNullish(value), true);
        }
        return new Predicate.Leaf((value, match) -> BsonOrder.equal(value, wanted), true);
    }

    private interface OrderTest {
        boolean test(int order);
    }

    /** Values of another type never match, except against MinKey and MaxKey. */
    private static Predicate compare(Object bound, OrderTest test, boolean inclusive) {
        if (bound == null) {
            return inclusive ? equal(null) : Predicate.NOTHING;
        }
        if (bound instanceof BsonRegularExpression) {
            throw Failure.badValue("Can't have RegEx as arg to predicate over field");
        }
        boolean anyType = bound instanceof MinKey || bound instanceof MaxKey;
        int rank = BsonOrder.rank(bound);
        boolean nan = Numbers.isNaN(bound);
        return new Predicate.Leaf((value, match) -> {
            if (Docs.isMissing(value) || !anyType && BsonOrder.rank(value) != rank) {
                return false;
            }
            if (nan || Numbers.isNaN(value)) {
                return inclusive && nan && Numbers.isNaN(value);
            }
            return test.test(BsonOrder.compare(value, bound));
        }, true);
    }

    private Predicate in(String name, Object value) {
        if (!(value instanceof List<?> list)) {
            throw Failure.badValue(name + " needs an array");
        }
        TreeSet<Object> values = new TreeSet<>(BsonOrder.ASCENDING);
        List<Pattern> patterns = new ArrayList<>();
        for (Object element : list) {
            if (element instanceof Document document && isOperators(document)) {
                throw Failure.badValue("cannot nest $ under " + name);
            }
            values.add(element);
            if (element instanceof BsonRegularExpression regex) {
                patterns.add(Regexes.compile(regex));
            }
        }
        boolean orNull = values.contains(null);
        return new Predicate.Leaf((found, match) -> {
            if (orNull && Docs.isNullish(found) || values.contains(found)) {
                return true;
            }
            return found instanceof String text && patterns.stream().anyMatch(pattern -> pattern.matcher(text).find());
        }, true);
    }

    private Predicate not(String field, Object value) {
        if (value instanceof BsonRegularExpression || value instanceof Document document && isOperators(document)) {
            return new Predicate.Not(condition(field, value));
        }
        throw Failure.badValue("$not needs a regex or a document");
    }

    private static Predicate size(Object value) {
        Long size = Numbers.wholeLong(value);
        if (size == null) {
            throw Failure.parse("Failed to parse $size. Expected an integer in: $size: " + value);
        }
        return new Predicate.Leaf((found, match) -> found instanceof List<?> list && list.size() == size, false);
    }

    private Predicate all(String field, Object value) {
        if (!(value instanceof List<?> list)) {
            throw Failure.badValue("$all needs an array");
        }
        if (list.isEmpty()) {
            return Predicate.NOTHING;
        }
        List<Predicate> all = new ArrayList<>();
        for (Object element : list) {
            boolean operators = element instanceof Document document && document.containsKey("$elemMatch");
            all.add(operators || element instanceof BsonRegularExpression ? condition(field, element) : equal(element));
        }
        return new Predicate.And(all);
    }

    private Predicate elemMatch(String field, Object value) {
        if (!(value instanceof Document condition)) {
            throw Failure.badValue("$elemMatch needs an Object");
        }
        String first = condition.isEmpty() ? "" : condition.keySet().iterator().next();
        boolean byValue = first.startsWith("$") && !List.of("$and", "$or", "$nor", "$expr", "$jsonSchema").contains(first);
        Predicate onValue = byValue ? condition(field, condition) : null;
        Filter onDocument = byValue ? null : condition.isEmpty() ? Filter.ALL : filters.filter(condition);
        return new Predicate.Leaf((found, match) -> {
            if (!(found instanceof List<?> list)) {
                return false;
            }
            for (int i = 0; i < list.size(); i++) {
                Object element = list.get(i);
                if (byValue ? onValue.onValue(element, new Match())
                    : element instanceof Document document && onDocument.test(document, new Match())) {
                    match.at(i);
                    return true;
                }
            }
            return false;
        }, false);
    }

    private static Predicate mod(Object value) {
        if (!(value instanceof List<?> list) || list.size() != 2) {
            throw Failure.badValue("malformed mod, needs to be an array of two elements");
        }
        long divisor = ((Number) list.get(0)).longValue();
        long remainder = ((Number) list.get(1)).longValue();
        if (divisor == 0) {
            throw Failure.badValue("divisor cannot be 0");
        }
        return new Predicate.Leaf((found, match) -> found instanceof Number number && !Numbers.isSpecial(number)
            && Numbers.exact(number).longValue() % divisor == remainder, true);
    }

    private static Predicate regex(BsonRegularExpression regex) {
        Pattern pattern = Regexes.compile(regex);
        return new Predicate.Leaf((found, match) -> found instanceof String text ? pattern.matcher(text).find()
            : found instanceof BsonRegularExpression && BsonOrder.equal(found, regex), true);
    }
}
