package dev.polyshift.standin.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.aggregate.Pipeline;
import dev.polyshift.standin.oplog.OplogEntry;
import dev.polyshift.standin.query.Filter;
import dev.polyshift.standin.query.FilterCompiler;
import dev.polyshift.standin.store.Collection;
import dev.polyshift.standin.store.Database;
import dev.polyshift.standin.store.Namespace;
import dev.polyshift.standin.store.View;

/** Databases, collections and views. Manual: https://www.mongodb.com/docs/manual/reference/command/nav-administration/ */
final class CatalogCommands {

    private static final Set<String> STORED_OPTIONS = Set.of("capped", "size", "max", "validator", "validationLevel", "validationAction",
        "collation", "storageEngine", "indexOptionDefaults", "expireAfterSeconds", "changeStreamPreAndPostImages", "recordPreImages");

    private CatalogCommands() {
    }

    static void register(Server server) {
        server.command("create", CatalogCommands::create);
        server.command("collMod", CollMod::run);
        server.command("drop", CatalogCommands::drop);
        server.command("dropDatabase", CatalogCommands::dropDatabase);
        server.command("renameCollection", CatalogCommands::rename);
        server.command("listCollections", CatalogCommands::listCollections);
        server.command("listDatabases", CatalogCommands::listDatabases);
    }

    private static Document create(Call call) {
        String name = call.target();
        Document options = new Document();
        call.command().forEach((field, value) -> {
            if (STORED_OPTIONS.contains(field)) {
                options.put(field, value);
            } else if (field.equals("timeseries") || field.equals("clusteredIndex") || field.equals("encryptedFields")) {
                throw Failure.notInStandin("create with " + field);
            }
        });
        if (call.flag("capped") && !call.command().containsKey("size")) {
            throw Failure.invalidOptions("the 'size' field is required when 'capped' is true");
        }
        if (call.command().get("viewOn") instanceof String viewOn) {
            List<Document> pipeline = pipeline(call);
            options.append("viewOn", viewOn).append("pipeline", pipeline);
            call.db().createView(name, viewOn, pipeline, options);
            return Call.ok();
        }
        Collection created = call.db().create(name, options);
        if (call.transaction() != null) {
            call.transaction().onAbort(() -> {
                if (created.count() == 0) {
                    call.db().drop(name);
                }
            });
        }
        return Call.ok();
    }

    static List<Document> pipeline(Call call) {
        List<Document> pipeline = new ArrayList<>();
        Call.list(call.command(), "pipeline").forEach(stage -> pipeline.add((Document) stage));
        Pipeline.compile(pipeline, call.pipelines());
        return pipeline;
    }

    private static Document drop(Call call) {
        call.refuseInTransaction();
        int indexes = call.db().find(call.target()) instanceof Collection collection ? collection.indexes().size() + 1 : 0;
        Namespace dropped = call.db().drop(call.target());
        if (dropped == null) {
            throw Failure.namespaceNotFound("ns not found");
        }
        if (dropped instanceof View) {
            return new Document("ns", dropped.namespace());
        }
        call.server().store().oplog().append(OplogEntry.drop(call.database(), call.target()));
        return new Document("nIndexesWas", indexes).append("ns", dropped.namespace());
    }

    private static Document dropDatabase(Call call) {
        call.refuseInTransaction();
        Database database = call.db();
        for (Namespace namespace : new ArrayList<>(database.namespaces())) {
            database.drop(namespace.name());
            if (namespace instanceof Collection) {
                call.server().store().oplog().append(OplogEntry.drop(call.database(), namespace.name()));
            }
        }
        call.server().store().oplog().append(OplogEntry.dropDatabase(call.database()));
        return new Document("dropped", call.database());
    }

    private static Document rename(Call call) {
        call.refuseInTransaction();
        String[] from = namespace(call.command().get(call.name()));
        String[] to = namespace(call.command().get("to"));
        if (from[0].equals(to[0]) && from[1].equals(to[1])) {
            throw new Failure(20, "IllegalOperation", "Can't rename a collection to itself");
        }
        Database database = call.server().store().database(from[0]);
        Collection collection = database.collection(from[1]);
        if (collection == null) {
            throw Failure.namespaceNotFound("Source collection " + from[0] + "." + from[1] + " does not exist");
        }
        if (!from[0].equals(to[0])) {
            throw Failure.notInStandin("renameCollection to another database");
        }
        Namespace dropped = database.rename(collection, to[1], call.flag("dropTarget"));
        if (dropped != null) {
            call.server().store().oplog().append(OplogEntry.drop(to[0], to[1]));
        }
        call.server().store().oplog().append(OplogEntry.rename(from[0], from[1], to[0], to[1]));
        return Call.ok();
    }

    private static String[] namespace(Object value) {
        if (value instanceof String text && text.indexOf('.') > 0 && text.indexOf('.') < text.length() - 1) {
            return text.split("\\.", 2);
        }
        throw new Failure(73, "InvalidNamespace", "Invalid namespace specified '" + value + "'");
    }

    private static Document listCollections(Call call) {
        Filter filter = FilterCompiler.compile(call.document("filter"));
        List<Document> listed = new ArrayList<>();
        for (Namespace namespace : call.db().namespaces()) {
            Document entry = listed(namespace);
            if (filter.test(entry)) {
                listed.add(call.flag("nameOnly") ? new Document("name", entry.get("name")).append("type", entry.get("type")) : entry);
            }
        }
        return cursor(call, "$cmd.listCollections", listed);
    }

    private static Document listed(Namespace namespace) {
        if (namespace instanceof Collection collection) {
            return new Document("name", collection.name()).append("type", "collection").append("options", collection.options())
                .append("info", new Document("readOnly", false).append("uuid", collection.uuid()))
                .append("idIndex", IndexCommands.idIndex());
        }
        return new Document("name", namespace.name()).append("type", "view").append("options", namespace.options())
            .append("info", new Document("readOnly", true));
    }

    static Document cursor(Call call, String name, List<Document> documents) {
        int batchSize = call.document("cursor").get("batchSize") instanceof Number size ? size.intValue() : Integer.MAX_VALUE;
        return call.server().cursors().open(call, call.database() + "." + name, Cursors.of(documents.iterator()), batchSize, false);
    }

    private static Document listDatabases(Call call) {
        Filter filter = FilterCompiler.compile(call.document("filter"));
        List<Document> databases = new ArrayList<>();
        long total = 0;
        for (Database database : call.server().store().databases()) {
            if (database.namespaces().isEmpty()) {
                continue;
            }
            long size = database.namespaces().stream().mapToLong(found -> found instanceof Collection c ? c.dataSize() : 0).sum();
            Document entry = new Document("name", database.name()).append("sizeOnDisk", size).append("empty", false);
            if (filter.test(entry)) {
                total += size;
                databases.add(call.flag("nameOnly") ? new Document("name", database.name()) : entry);
            }
        }
        Document reply = new Document("databases", databases);
        return call.flag("nameOnly") ? reply : reply.append("totalSize", total);
    }
}
