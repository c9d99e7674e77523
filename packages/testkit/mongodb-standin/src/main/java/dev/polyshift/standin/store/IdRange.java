package dev.polyshift.standin.store;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import de.bwaldvogel.mongo.bson.BinData;
import de.bwaldvogel.mongo.bson.BsonRegularExpression;
import de.bwaldvogel.mongo.bson.BsonTimestamp;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.bson.MaxKey;
import de.bwaldvogel.mongo.bson.MinKey;
import de.bwaldvogel.mongo.bson.ObjectId;

import dev.polyshift.standin.bson.BsonOrder;

/** What a query says about one field that an index can use: points to look up, or a range within one type. */
final class IdRange {

    /** Values to look up; null if the query gives a range. */
    List<Object> points;
    Object lower;
    Object upper;
    boolean lowerInclusive = true;
    boolean upperInclusive = true;
    boolean hasLower;
    boolean hasUpper;
    int rank;

    /** The range of a field in a query, or null if it gives none. Conditions inside $and count too. */
    static IdRange of(Document query, String field) {
        IdRange range = null;
        for (Map.Entry<String, Object> entry : query.entrySet()) {
            if (entry.getKey().equals(field)) {
                IdRange found = ofCondition(entry.getValue());
                range = better(range, found);
            } else if (entry.getKey().equals("$and") && entry.getValue() instanceof List<?> all) {
                for (Object part : all) {
                    if (part instanceof Document document) {
                        range = better(range, of(document, field));
                    }
                }
            }
        }
        return range;
    }

    private static IdRange better(IdRange a, IdRange b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        if (a.points != null || b.points != null) {
            return a.points != null ? a : b;
        }
        if (a.rank == b.rank && a.hasLower != b.hasLower && a.hasUpper != b.hasUpper) {
            IdRange low = a.hasLower ? a : b;
            IdRange high = a.hasLower ? b : a;
            low.upper = high.upper;
            low.upperInclusive = high.upperInclusive;
            low.hasUpper = true;
            return low;
        }
        return a;
    }

    private static IdRange ofCondition(Object condition) {
        IdRange range = new IdRange();
        if (!(condition instanceof Document operators) || operators.isEmpty()
            || !operators.keySet().iterator().next().startsWith("$")) {
            return condition instanceof BsonRegularExpression || condition instanceof List ? null : range.point(condition);
        }
        for (Map.Entry<String, Object> entry : operators.entrySet()) {
            Object value = entry.getValue();
            switch (entry.getKey()) {
                case "$eq" -> {
                    return value instanceof List ? null : range.point(value);
                }
                case "$in" -> {
                    if (value instanceof List<?> list && list.stream().noneMatch(element -> element instanceof List
                        || element instanceof BsonRegularExpression)) {
                        range.points = new ArrayList<>(list);
                        return range;
                    }
                }
                case "$gt", "$gte" -> range.bound(value, true, entry.getKey().equals("$gte"));
                case "$lt", "$lte" -> range.bound(value, false, entry.getKey().equals("$lte"));
                default -> { }
            }
        }
        return range.hasLower || range.hasUpper ? range : null;
    }

    private IdRange point(Object value) {
        points = new ArrayList<>();
        points.add(value);
        return this;
    }

    private void bound(Object value, boolean low, boolean inclusive) {
        if (value == null || value instanceof MinKey || value instanceof MaxKey || value instanceof List
            || value instanceof BsonRegularExpression) {
            return;
        }
        int valueRank = BsonOrder.rank(value);
        if ((hasLower || hasUpper) && valueRank != rank) {
            return;
        }
        rank = valueRank;
        if (low) {
            lower = value;
            lowerInclusive = inclusive;
            hasLower = true;
        } else {
            upper = value;
            upperInclusive = inclusive;
            hasUpper = true;
        }
    }

    /** The lower end, which is the least value of the type where the query names none. */
    Object from() {
        return hasLower ? lower : least(rank);
    }

    static Object least(int rank) {
        return switch (rank) {
            case 3 -> Double.NaN;
            case 4 -> "";
            case 5 -> new Document();
            case 7 -> new BinData(new byte[0]);
            case 8 -> new ObjectId(new byte[12]);
            case 9 -> false;
            case 10 -> Instant.MIN;
            case 11 -> new BsonTimestamp(0);
            default -> MinKey.getInstance();
        };
    }
}
