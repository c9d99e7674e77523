package dev.polyshift.standin.store;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.bson.BsonOrder;
import dev.polyshift.standin.bson.Numbers;

/**
 * Chooses between the index on _id, another index, and going through the whole collection. The candidates are a
 * superset: the filter still tests each. Call under the collection's lock.
 */
final class Planner {

    private final Collection collection;
    private final Document query;
    private final Document sort;
    private final boolean limited;

    private Planner(Collection collection, Document query, Document sort, boolean limited) {
        this.collection = collection;
        this.query = query;
        this.sort = sort == null ? new Document() : sort;
        this.limited = limited;
    }

    static Scan plan(Collection collection, Document query, Document sort, boolean limited) {
        return new Planner(collection, query, sort, limited).choose();
    }

    private Scan choose() {
        if (sort.containsKey("$natural")) {
            return whole(Numbers.compare((Number) sort.get("$natural"), 0) < 0, true);
        }
        IdRange id = IdRange.of(query, "_id");
        if (id != null && id.points != null) {
            return points(id.points);
        }
        boolean idSorted = sort.size() >= 1 && sort.keySet().iterator().next().equals("_id");
        IndexChoice best = null;
        for (SecondaryIndex index : collection.indexes.values()) {
            if (index.answersQueries()) {
                IndexChoice choice = IndexChoice.of(index, query, sort, limited);
                if (choice != null && (best == null || choice.score > best.score)) {
                    best = choice;
                }
            }
        }
        int idScore = (id != null ? 3 : 0) + (idSorted ? limited ? 25 : 2 : 0);
        if (best != null && best.score > idScore) {
            return new Scan(best.records(), best.sorted, false, best.index.name());
        }
        if (idScore == 0) {
            return whole(false, sort.isEmpty());
        }
        boolean descending = idSorted && ((Number) sort.get("_id")).doubleValue() < 0;
        return new Scan(idRecords(id, descending), idSorted || sort.isEmpty(), false, "_id_");
    }

    private Scan points(List<Object> points) {
        List<Record> found = new ArrayList<>();
        Set<Record> seen = points.size() == 1 ? null : new HashSet<>();
        List<Object> ordered = new ArrayList<>(points);
        ordered.sort(BsonOrder.ASCENDING);
        for (Object point : ordered) {
            Record record = collection.ids.get(point);
            if (record != null && (seen == null || seen.add(record))) {
                found.add(record);
            }
        }
        boolean byId = sort.keySet().equals(Set.of("_id"));
        if (byId && ((Number) sort.get("_id")).doubleValue() < 0) {
            Collections.reverse(found);
        }
        return new Scan(found.iterator(), byId || sort.isEmpty() || found.size() < 2, false, "_id_");
    }

    private Iterator<Record> idRecords(IdRange range, boolean descending) {
        NavigableMap<Object, Record> ids = collection.ids;
        if (range != null) {
            ids = ids.tailMap(range.from(), range.lowerInclusive || !range.hasLower);
            Object upper = range.hasUpper ? range.upper : firstOfNextRank(ids, range.rank);
            if (range.hasUpper || upper != null) {
                if (range.hasUpper && BsonOrder.compare(range.from(), range.upper) > 0) {
                    return Collections.emptyIterator();
                }
                ids = ids.headMap(upper, range.hasUpper && range.upperInclusive);
            }
        }
        return (descending ? ids.descendingMap() : ids).values().iterator();
    }

    /** Where values of a type end, if values of later types follow. */
    private static Object firstOfNextRank(NavigableMap<Object, Record> ids, int rank) {
        if (ids.isEmpty() || BsonOrder.rank(ids.lastKey()) == rank) {
            return null;
        }
        for (int later = rank + 1; later <= 11; later++) {
            Object first = ids.ceilingKey(IdRange.least(later));
            if (first != null && BsonOrder.rank(first) > rank) {
                return first;
            }
        }
        return ids.lastKey();
    }

    private Scan whole(boolean backwards, boolean sorted) {
        Iterator<Record> records = new Iterator<>() {
            private int at = backwards ? collection.slots() - 1 : 0;

            @Override
            public boolean hasNext() {
                while (at >= 0 && at < collection.slots() && collection.slot(at) == null) {
                    at += backwards ? -1 : 1;
                }
                return at >= 0 && at < collection.slots();
            }

            @Override
            public Record next() {
                hasNext();
                Record record = collection.slot(at);
                at += backwards ? -1 : 1;
                return record;
            }
        };
        return new Scan(records, sorted, !backwards, null);
    }

    static Iterator<Record> distinct(Iterator<IndexEntry> entries, boolean multikey) {
        if (!multikey) {
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return entries.hasNext();
                }

                @Override
                public Record next() {
                    return entries.next().record();
                }
            };
        }
        Set<Record> seen = new LinkedHashSet<>();
        entries.forEachRemaining(entry -> seen.add(entry.record()));
        return seen.iterator();
    }
}
