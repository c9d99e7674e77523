package dev.polyshift.standin.query;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.BsonOrder;
import dev.polyshift.standin.bson.Numbers;

/**
 * A sort document as a comparator: an array sorts by its least element ascending and by its greatest descending.
 * Manual: https://www.mongodb.com/docs/manual/reference/method/cursor.sort/
 */
public final class SortOrder implements Comparator<Document> {

    private record Key(FieldPath path, int direction) { }

    private final List<Key> keys = new ArrayList<>();

    public SortOrder(Document sort) {
        for (Map.Entry<String, Object> entry : sort.entrySet()) {
            if (entry.getValue() instanceof Document meta && meta.containsKey("$meta")) {
                throw Failure.notInStandin("sorting by $meta");
            }
            Long direction = Numbers.wholeLong(entry.getValue());
            if (direction == null || direction != 1 && direction != -1) {
                throw Failure.location(15975, "$sort key ordering must be 1 (for ascending) or -1 (for descending)");
            }
            keys.add(new Key(new FieldPath(entry.getKey()), direction.intValue()));
        }
    }

    @Override
    public int compare(Document a, Document b) {
        for (Key key : keys) {
            int order = BsonOrder.compare(value(key, a), value(key, b));
            if (order != 0) {
                return key.direction * order;
            }
        }
        return 0;
    }

    private static Object value(Key key, Document document) {
        String[] parts = key.path.parts();
        if (parts.length == 1) {
            Object direct = document.get(parts[0]);
            if (!(direct instanceof List)) {
                return direct;
            }
        }
        Object chosen = null;
        boolean first = true;
        for (Object candidate : key.path.keys(document)) {
            if (first || key.direction * BsonOrder.compare(candidate, chosen) < 0) {
                chosen = candidate;
                first = false;
            }
        }
        return chosen;
    }
}
