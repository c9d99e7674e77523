package dev.polyshift.standin.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.bson.BsonOrder;
import dev.polyshift.standin.query.FieldPath;

/** What one index can do for a query: leading fields by equality, one more by range or list, and the order. */
final class IndexChoice {

    final SecondaryIndex index;
    int score;
    boolean sorted;
    private final List<Object> prefix = new ArrayList<>();
    private IdRange next;
    private boolean descending;

    private IndexChoice(SecondaryIndex index) {
        this.index = index;
    }

    /** Null if the index is of no use. */
    static IndexChoice of(SecondaryIndex index, Document query, Document sort, boolean limited) {
        IndexChoice choice = new IndexChoice(index);
        FieldPath[] paths = index.paths();
        for (FieldPath path : paths) {
            if (Arrays.stream(path.parts()).anyMatch(part -> FieldPath.arrayIndex(part) >= 0)) {
                return null;
            }
        }
        int at = 0;
        for (; at < paths.length; at++) {
            IdRange range = IdRange.of(query, paths[at].text());
            if (range == null || range.points == null || range.points.size() != 1) {
                choice.next = range;
                break;
            }
            choice.prefix.add(range.points.get(0));
        }
        choice.order(sort, at);
        boolean list = choice.next != null && choice.next.points != null;
        if (list) {
            choice.sorted = sort.isEmpty();
        }
        boolean uniqueHit = index.isUnique() && at == paths.length;
        choice.score = at * 10 + (uniqueHit ? 100 : 0) + (choice.next != null ? list ? 9 : 3 : 0)
            + (choice.sorted && !sort.isEmpty() ? limited ? 25 : 2 : 0);
        return choice.score > 0 ? choice : null;
    }

    private void order(Document sort, int from) {
        if (sort.isEmpty()) {
            sorted = true;
            return;
        }
        if (index.isMultikey()) {
            return;
        }
        int at = from;
        int sign = 0;
        for (Map.Entry<String, Object> entry : sort.entrySet()) {
            if (at >= index.paths().length || !index.paths()[at].text().equals(entry.getKey())) {
                return;
            }
            int wanted = ((Number) entry.getValue()).doubleValue() < 0 ? -1 : 1;
            int step = wanted * index.directions()[at];
            if (sign != 0 && sign != step) {
                return;
            }
            sign = step;
            at++;
        }
        sorted = true;
        descending = sign < 0;
    }

    Iterator<Record> records() {
        if (next != null && next.points != null) {
            List<Record> found = new ArrayList<>();
            List<Object> points = new ArrayList<>(next.points);
            points.sort(BsonOrder.ASCENDING);
            for (Object point : points) {
                Planner.distinct(index.scan(edge(point, -1), edge(point, 1), false), index.isMultikey()).forEachRemaining(found::add);
            }
            return index.isMultikey() || points.size() > 1 ? new java.util.LinkedHashSet<>(found).iterator() : found.iterator();
        }
        IndexEntry from = prefix.isEmpty() ? null : new IndexEntry(prefix.toArray(), null, -1);
        IndexEntry to = prefix.isEmpty() ? null : new IndexEntry(prefix.toArray(), null, 1);
        if (next != null) {
            boolean both = !index.isMultikey();
            if (both && next.hasLower && next.hasUpper && BsonOrder.compare(next.lower, next.upper) > 0) {
                return Collections.emptyIterator();
            }
            boolean backwards = index.directions()[prefix.size()] < 0;
            IndexEntry low = both || next.hasLower ? edge(next.from(), backwards == next.lowerInclusive ? 1 : -1) : null;
            IndexEntry high = (both || !next.hasLower) && next.hasUpper ? edge(next.upper, backwards == next.upperInclusive ? -1 : 1) : null;
            if (backwards) {
                to = low == null ? to : low;
                from = high == null ? from : high;
            } else {
                from = low == null ? from : low;
                to = high == null ? to : high;
            }
        }
        return Planner.distinct(index.scan(from, to, descending), index.isMultikey());
    }

    private IndexEntry edge(Object value, int edge) {
        Object[] values = Arrays.copyOf(prefix.toArray(), prefix.size() + 1);
        values[prefix.size()] = value;
        return new IndexEntry(values, null, edge);
    }
}
