package dev.polyshift.standin.store;

import java.util.Comparator;

import dev.polyshift.standin.bson.BsonOrder;

/**
 * A key of an index and the record it belongs to. An entry without a record is the edge of a range: before (-1) or
 * after (1) all entries that begin with its values.
 */
record IndexEntry(Object[] values, Record record, int edge) {

    static Comparator<IndexEntry> order(int[] directions) {
        return (a, b) -> {
            int length = Math.min(a.values.length, b.values.length);
            for (int i = 0; i < length; i++) {
                int order = BsonOrder.compare(a.values[i], b.values[i]);
                if (order != 0) {
                    return directions[i] * order;
                }
            }
            if (a.edge != 0 || b.edge != 0) {
                return Integer.compare(a.edge, b.edge);
            }
            return Long.compare(a.record.number(), b.record.number());
        };
    }
}
