package dev.polyshift.standin.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.Predicate;

import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.bson.Json;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.BsonOrder;
import dev.polyshift.standin.bson.Docs;
import dev.polyshift.standin.query.FieldPath;
import dev.polyshift.standin.query.Filter;
import dev.polyshift.standin.query.FilterCompiler;

/**
 * An index beside the one on _id: ordered, compound, multikey, unique, sparse, partial. Those of special kinds (text,
 * 2dsphere, hashed, wildcard) are kept as a definition only. Manual: https://www.mongodb.com/docs/manual/indexes/
 */
public final class SecondaryIndex {

    private final FieldPath[] paths;
    private final int[] directions;
    private final boolean special;
    private final TreeSet<IndexEntry> entries;
    private Filter partial;
    private Document spec;
    private boolean multikey;

    SecondaryIndex(Document spec) {
        this.spec = spec;
        Document key = (Document) spec.get("key");
        paths = key.keySet().stream().map(FieldPath::new).toArray(FieldPath[]::new);
        directions = key.values().stream()
            .mapToInt(value -> value instanceof Number number && number.doubleValue() < 0 ? -1 : 1).toArray();
        special = key.values().stream().anyMatch(value -> !(value instanceof Number))
            || key.keySet().stream().anyMatch(name -> name.contains("$**"));
        entries = new TreeSet<>(IndexEntry.order(directions));
        if (spec.get("partialFilterExpression") instanceof Document filter) {
            partial = FilterCompiler.compile(filter);
        }
    }

    public Document spec() {
        return spec;
    }

    void spec(Document changed) {
        spec = changed;
    }

    public String name() {
        return (String) spec.get("name");
    }

    Document key() {
        return (Document) spec.get("key");
    }

    boolean isUnique() {
        return Docs.truthy(spec.get("unique"));
    }

    /** Whether every document has an entry, so that queries and sorts may go by it. */
    boolean answersQueries() {
        return !special && partial == null && !Docs.truthy(spec.get("sparse")) && !Docs.truthy(spec.get("hidden"))
            && !spec.containsKey("collation");
    }

    boolean isMultikey() {
        return multikey;
    }

    FieldPath[] paths() {
        return paths;
    }

    int[] directions() {
        return directions;
    }

    public int size() {
        return entries.size();
    }

    private boolean covers(Document document) {
        if (special || partial != null && !partial.test(document)) {
            return false;
        }
        return !Docs.truthy(spec.get("sparse")) || Arrays.stream(paths).anyMatch(path -> path.exists(document));
    }

    /** The keys of a document: one, or for an array one for each element. */
    private List<Object[]> keys(Document document) {
        if (paths.length == 1) {
            List<Object[]> keys = new ArrayList<>(1);
            for (Object value : paths[0].keys(document)) {
                keys.add(new Object[] {value});
            }
            return keys;
        }
        List<List<Object>> values = new ArrayList<>(paths.length);
        int many = 1;
        String arrayField = null;
        for (FieldPath path : paths) {
            List<Object> found = path.keys(document);
            values.add(found);
            if (found.size() > 1) {
                String top = path.parts()[0];
                if (arrayField != null && !arrayField.equals(top)) {
                    throw new Failure(171, "CannotIndexParallelArrays", "cannot index parallel arrays [" + top + "] [" + arrayField + "]");
                }
                arrayField = top;
                many = Math.max(many, found.size());
            }
        }
        List<Object[]> keys = new ArrayList<>(many);
        for (int i = 0; i < many; i++) {
            Object[] key = new Object[paths.length];
            for (int k = 0; k < key.length; k++) {
                List<Object> found = values.get(k);
                key[k] = found.isEmpty() ? null : found.get(Math.min(i, found.size() - 1));
            }
            keys.add(key);
        }
        return keys;
    }

    void add(Record record, Document document) {
        if (covers(document)) {
            List<Object[]> keys = keys(document);
            multikey |= keys.size() != 1;
            for (Object[] key : keys) {
                entries.add(new IndexEntry(key, record, 0));
            }
        }
    }

    void remove(Record record, Document document) {
        if (covers(document)) {
            for (Object[] key : keys(document)) {
                entries.remove(new IndexEntry(key, record, 0));
            }
        }
    }

    boolean sameKeys(Document before, Document after) {
        if (covers(before) != covers(after)) {
            return false;
        }
        for (FieldPath path : paths) {
            List<Object> old = path.keys(before);
            List<Object> changed = path.keys(after);
            if (!Docs.same(old, changed)) {
                return false;
            }
        }
        return true;
    }

    /** Refuses a document whose key another record has; {@code ignored} records do not count. */
    void requireUnique(Document document, String namespace, Predicate<Record> ignored) {
        if (!covers(document)) {
            return;
        }
        List<Object[]> keys = keys(document);
        if (!isUnique()) {
            return;
        }
        for (Object[] key : keys) {
            for (IndexEntry entry : range(key, key)) {
                if (!ignored.test(entry.record())) {
                    throw duplicate(key, namespace);
                }
            }
        }
    }

    /** Whether two documents would have a key in common. */
    boolean collide(Document a, Document b) {
        return isUnique() && covers(a) && covers(b) && keys(a).stream().anyMatch(x -> keys(b).stream()
            .anyMatch(y -> BsonOrder.equal(Arrays.asList(x), Arrays.asList(y))));
    }

    Failure duplicate(Document document, String namespace) {
        return duplicate(keys(document).get(0), namespace);
    }

    private Failure duplicate(Object[] key, String namespace) {
        Document value = new Document();
        for (int i = 0; i < key.length; i++) {
            value.put(paths[i].text(), key[i]);
        }
        return duplicate(namespace, name(), key(), value);
    }

    static Failure duplicate(String namespace, String index, Document pattern, Document value) {
        StringBuilder text = new StringBuilder();
        for (Map.Entry<String, Object> entry : value.entrySet()) {
            text.append(text.length() == 0 ? "" : ", ").append(entry.getKey()).append(": ").append(Json.toCompactJsonValue(entry.getValue()));
        }
        return new Failure(11000, "DuplicateKey", "E11000 duplicate key error collection: " + namespace + " index: " + index
            + " dup key: { " + text + " }").with("keyPattern", pattern).with("keyValue", value);
    }

    private NavigableSet<IndexEntry> range(Object[] from, Object[] to) {
        return entries.subSet(new IndexEntry(from, null, -1), true, new IndexEntry(to, null, 1), true);
    }

    /** All entries between two prefixes, null being an open end, in index order or against it. */
    Iterator<IndexEntry> scan(IndexEntry from, IndexEntry to, boolean descending) {
        NavigableSet<IndexEntry> range = entries;
        if (from != null) {
            range = range.tailSet(from, true);
        }
        if (to != null) {
            range = range.headSet(to, true);
        }
        return descending ? range.descendingIterator() : range.iterator();
    }
}
