package dev.polyshift.standin.command;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.BsonOrder;
import dev.polyshift.standin.bson.Docs;
import dev.polyshift.standin.bson.Numbers;
import dev.polyshift.standin.store.Collection;
import dev.polyshift.standin.store.Namespace;
import dev.polyshift.standin.store.SecondaryIndex;
import dev.polyshift.standin.store.View;

/** Manual: https://www.mongodb.com/docs/manual/reference/command/createIndexes/ */
final class IndexCommands {

    private static final Set<String> OPTIONS = Set.of("key", "name", "v", "unique", "sparse", "hidden", "partialFilterExpression",
        "expireAfterSeconds", "collation", "background", "weights", "default_language", "language_override", "textIndexVersion",
        "2dsphereIndexVersion", "bits", "min", "max", "wildcardProjection", "storageEngine", "ns", "prepareUnique", "bucketSize", "dropDups");
    /** What two indexes on the same key must differ in to stand side by side. */
    private static final List<String> IDENTITY = List.of("partialFilterExpression", "collation", "sparse", "unique");

    private IndexCommands() {
    }

    static void register(Server server) {
        server.command("createIndexes", IndexCommands::create);
        server.command("listIndexes", IndexCommands::list);
        server.command("dropIndexes", IndexCommands::drop);
        server.command("deleteIndexes", IndexCommands::drop);
    }

    static Document idIndex() {
        return new Document("v", 2).append("key", new Document("_id", 1)).append("name", "_id_");
    }

    private static Document create(Call call) {
        boolean existed = call.db().find(call.target()) != null;
        Collection collection = call.db().createIfAbsent(call.target());
        int before = collection.indexes().size() + 1;
        List<?> specs = Call.list(call.command(), "indexes");
        if (specs.isEmpty()) {
            throw Failure.badValue("Must specify at least one index to create");
        }
        List<String> created = new ArrayList<>();
        try {
            for (Object spec : specs) {
                Document normal = normalized((Document) spec);
                if (!exists(collection, normal)) {
                    collection.createIndex(normal);
                    created.add((String) normal.get("name"));
                }
            }
        } catch (Failure e) {
            created.forEach(collection::dropIndex);
            throw e;
        }
        Document reply = new Document("numIndexesBefore", before).append("numIndexesAfter", collection.indexes().size() + 1)
            .append("createdCollectionAutomatically", !existed);
        return created.isEmpty() ? reply.append("note", "all indexes already exist") : reply;
    }

    private static Document normalized(Document spec) {
        if (!(spec.get("key") instanceof Document key) || key.isEmpty()) {
            throw new Failure(67, "CannotCreateIndex", "Index keys cannot be an empty object");
        }
        if (!(spec.get("name") instanceof String name) || name.isEmpty()) {
            throw Failure.parse("The 'name' field is a required property of an index specification");
        }
        for (String option : spec.keySet()) {
            if (!OPTIONS.contains(option)) {
                throw new Failure(197, "InvalidIndexSpecificationOption", "The field '" + option
                    + "' is not valid for an index specification. Specification: " + spec);
            }
        }
        for (Map.Entry<String, Object> field : key.entrySet()) {
            boolean kind = field.getValue() instanceof String;
            if (!kind && (!(field.getValue() instanceof Number number) || Numbers.compare(number, 0) == 0)) {
                throw new Failure(67, "CannotCreateIndex", "Values in v:2 index key pattern cannot be of type "
                    + dev.polyshift.standin.bson.BsonTypes.alias(field.getValue()) + " or 0. Only numbers > 0, numbers < 0, and strings are allowed.");
            }
        }
        if (Docs.truthy(spec.get("sparse")) && spec.containsKey("partialFilterExpression")) {
            throw new Failure(67, "CannotCreateIndex", "cannot mix \"partialFilterExpression\" and \"sparse\" options");
        }
        Document normal = new Document("v", 2).append("key", key).append("name", name);
        spec.forEach((option, value) -> {
            boolean off = (option.equals("hidden") || option.equals("background") || option.equals("dropDups")) && !Docs.truthy(value);
            if (!option.equals("ns") && !normal.containsKey(option) && !off) {
                normal.put(option, value);
            }
        });
        return normal;
    }

    /** Whether the same index is there already; a similar one is refused. */
    private static boolean exists(Collection collection, Document spec) {
        if (BsonOrder.equal(spec.get("key"), new Document("_id", 1))) {
            return true;
        }
        if (spec.get("name").equals("_id_")) {
            throw Failure.badValue("The index name '_id_' is reserved for the _id index, which must have key pattern {_id: 1}");
        }
        for (SecondaryIndex index : collection.indexes().values()) {
            Document other = index.spec();
            boolean sameName = other.get("name").equals(spec.get("name"));
            boolean sameKey = Docs.same(normalKey(other), normalKey(spec));
            boolean sameIdentity = sameKey && IDENTITY.stream().allMatch(option -> sameOption(other, spec, option));
            boolean sameRest = sameOption(other, spec, "expireAfterSeconds");
            if (sameName && sameIdentity && sameRest) {
                return true;
            }
            if (sameName) {
                throw new Failure(86, "IndexKeySpecsConflict", "An existing index has the same name as the requested index. When index "
                    + "names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. "
                    + "Requested index: " + spec + ", existing index: " + other);
            }
            if (sameIdentity || sameKey && sameOption(other, spec, "partialFilterExpression") && sameOption(other, spec, "collation")) {
                throw new Failure(85, "IndexOptionsConflict", sameIdentity && sameRest ? "Index already exists with a different name: " + other.get("name")
                    : "An equivalent index already exists with a different name and options. Requested index: " + spec + ", existing index: " + other);
            }
        }
        return false;
    }

    private static Document normalKey(Document spec) {
        Document key = new Document();
        ((Document) spec.get("key")).forEach((name, value) -> key.put(name, value instanceof Number number ? (Object) number.doubleValue() : value));
        return key;
    }

    private static boolean sameOption(Document a, Document b, String option) {
        Object x = a.get(option);
        Object y = b.get(option);
        boolean bothOff = !Docs.truthy(x) && !Docs.truthy(y) && !(x instanceof Number) && !(y instanceof Number);
        return bothOff || BsonOrder.equal(x, y);
    }

    private static Collection existing(Call call) {
        Namespace found = call.db().find(call.target());
        if (found instanceof View) {
            throw new Failure(166, "CommandNotSupportedOnView", "Namespace " + found.namespace() + " is a view, not a collection");
        }
        if (found == null) {
            throw Failure.namespaceNotFound("ns does not exist: " + call.namespace());
        }
        return (Collection) found;
    }

    private static Document list(Call call) {
        Collection collection = existing(call);
        List<Document> indexes = new ArrayList<>();
        indexes.add(idIndex());
        collection.indexes().values().forEach(index -> indexes.add(index.spec()));
        return CatalogCommands.cursor(call, call.target(), indexes);
    }

    private static Document drop(Call call) {
        call.refuseInTransaction();
        Collection collection = existing(call);
        int before = collection.indexes().size() + 1;
        Object index = call.command().get("index");
        if ("*".equals(index)) {
            new ArrayList<>(collection.indexes().keySet()).forEach(collection::dropIndex);
        } else {
            for (Object one : index instanceof List<?> list ? list : List.of(index)) {
                dropOne(collection, one);
            }
        }
        return new Document("nIndexesWas", before);
    }

    private static void dropOne(Collection collection, Object index) {
        if ("_id_".equals(index) || index instanceof Document key && BsonOrder.equal(key, new Document("_id", 1))) {
            throw Failure.invalidOptions("cannot drop _id index");
        }
        String name = collection.indexes().values().stream()
            .filter(candidate -> candidate.name().equals(index) || BsonOrder.equal(candidate.spec().get("key"), index))
            .map(SecondaryIndex::name).findFirst()
            .orElseThrow(() -> new Failure(27, "IndexNotFound", index instanceof String text
                ? "index not found with name [" + text + "]" : "can't find index with key: " + index));
        collection.dropIndex(name);
    }

    static List<Document> indexStats(Call call) {
        Collection collection = existing(call);
        List<Document> stats = new ArrayList<>();
        stats.add(stats(idIndex()));
        collection.indexes().values().forEach(index -> stats.add(stats(index.spec())));
        return stats;
    }

    private static Document stats(Document spec) {
        return new Document("name", spec.get("name")).append("key", spec.get("key")).append("host", "polyshift-standin")
            .append("accesses", new Document("ops", 0L).append("since", Instant.now())).append("spec", spec);
    }
}
