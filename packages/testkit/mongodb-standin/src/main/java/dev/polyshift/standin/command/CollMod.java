package dev.polyshift.standin.command;

import java.util.List;
import java.util.Map;
import java.util.Set;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.BsonOrder;
import dev.polyshift.standin.bson.Docs;
import dev.polyshift.standin.store.Collection;
import dev.polyshift.standin.store.Namespace;
import dev.polyshift.standin.store.SecondaryIndex;
import dev.polyshift.standin.store.View;

/** Changes validators, index options and views. Manual: https://www.mongodb.com/docs/manual/reference/command/collMod/ */
final class CollMod {

    /** Naming one of them stores the defaults of the others too. */
    private static final Set<String> VALIDATION = Set.of("validator", "validationLevel", "validationAction");

    private CollMod() {
    }

    static Document run(Call call) {
        call.refuseInTransaction();
        Namespace namespace = call.db().find(call.target());
        if (namespace == null) {
            throw Failure.namespaceNotFound("ns does not exist: " + call.namespace());
        }
        if (namespace instanceof View view) {
            return view(call, view);
        }
        Collection collection = (Collection) namespace;
        Document options = new Document(collection.options());
        Document reply = Call.ok();
        for (Map.Entry<String, Object> entry : call.command().entrySet()) {
            Object value = entry.getValue();
            switch (entry.getKey()) {
                case "validator" -> {
                    if (!(value instanceof Document rules)) {
                        throw Failure.typeMismatch("BSON field 'collMod.validator' is the wrong type, expected type 'object'");
                    }
                    if (rules.isEmpty()) {
                        options.remove("validator");
                    } else {
                        options.put("validator", rules);
                    }
                }
                case "validationLevel", "validationAction", "expireAfterSeconds", "changeStreamPreAndPostImages", "cappedSize", "cappedMax",
                    "recordPreImages" -> options.put(optionName(entry.getKey()), value);
                case "index" -> index(collection, (Document) value, reply);
                case "viewOn", "pipeline" -> throw Failure.invalidOptions("option not supported on a collection: " + entry.getKey());
                default -> {
                    boolean generic = entry.getKey().equals(call.name()) || entry.getKey().startsWith("$")
                        || List.of("lsid", "txnNumber", "writeConcern", "comment", "maxTimeMS", "readPreference", "dryRun", "apiVersion",
                            "apiStrict", "autocommit", "startTransaction").contains(entry.getKey());
                    if (!generic) {
                        throw Failure.location(40415, "BSON field 'collMod." + entry.getKey() + "' is an unknown field.");
                    }
                }
            }
        }
        if (call.command().keySet().stream().anyMatch(VALIDATION::contains)) {
            options.putIfAbsent("validationLevel", "strict");
            options.putIfAbsent("validationAction", "error");
        }
        collection.lock().writeLock().lock();
        try {
            collection.options(options);
        } finally {
            collection.lock().writeLock().unlock();
        }
        return reply;
    }

    private static String optionName(String field) {
        return field.equals("cappedSize") ? "size" : field.equals("cappedMax") ? "max" : field;
    }

    private static Document view(Call call, View view) {
        String viewOn = (String) call.command().getOrDefault("viewOn", view.viewOn());
        List<Document> pipeline = call.command().containsKey("pipeline") ? CatalogCommands.pipeline(call) : view.pipeline();
        call.db().replaceView(new View(view.database(), view.name(), viewOn, pipeline,
            new Document("viewOn", viewOn).append("pipeline", pipeline)));
        return Call.ok();
    }

    private static void index(Collection collection, Document change, Document reply) {
        SecondaryIndex index = collection.indexes().values().stream()
            .filter(candidate -> candidate.name().equals(change.get("name")) || change.get("keyPattern") != null
                && BsonOrder.equal(candidate.spec().get("key"), change.get("keyPattern")))
            .findFirst().orElseThrow(() -> new Failure(27, "IndexNotFound", "cannot find index "
                + change.getOrDefault("name", change.get("keyPattern")) + " for ns " + collection.namespace()));
        Document spec = new Document(index.spec());
        if (change.containsKey("hidden")) {
            reply.append("hidden_old", Docs.truthy(spec.get("hidden"))).append("hidden_new", Docs.truthy(change.get("hidden")));
            if (Docs.truthy(change.get("hidden"))) {
                spec.put("hidden", true);
            } else {
                spec.remove("hidden");
            }
        }
        if (change.get("expireAfterSeconds") instanceof Number seconds) {
            if (spec.containsKey("expireAfterSeconds")) {
                reply.append("expireAfterSeconds_old", spec.get("expireAfterSeconds"));
            }
            reply.append("expireAfterSeconds_new", seconds);
            spec.put("expireAfterSeconds", seconds);
        }
        collection.changeIndex(index.name(), spec);
    }
}
