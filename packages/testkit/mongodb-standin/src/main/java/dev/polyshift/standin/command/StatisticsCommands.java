package dev.polyshift.standin.command;

import java.lang.management.ManagementFactory;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.BsonWriter;
import dev.polyshift.standin.query.Filter;
import dev.polyshift.standin.store.Collection;
import dev.polyshift.standin.store.Namespace;
import dev.polyshift.standin.store.Reader;

/** Numbers about the server and its collections. Manual: https://www.mongodb.com/docs/manual/reference/command/nav-diagnostic/ */
final class StatisticsCommands {

    private StatisticsCommands() {
    }

    static void register(Server server) {
        server.command("dbStats", StatisticsCommands::dbStats);
        server.command("collStats", call -> collStats(call, call.target()));
        server.command("dataSize", call -> new Document("size", 0L).append("numObjects", 0L));
        server.command("serverStatus", StatisticsCommands::serverStatus);
        server.command("dbHash", StatisticsCommands::dbHash);
        server.command("validate", StatisticsCommands::validate);
        server.command("currentOp", call -> new Document("inprog", List.of()));
        server.command("killOp", call -> new Document("info", "attempting to kill op"));
        server.command("top", call -> new Document("totals", new Document()));
    }

    private static Document dbStats(Call call) {
        int collections = 0;
        int views = 0;
        long objects = 0;
        long size = 0;
        int indexes = 0;
        for (Namespace namespace : call.db().namespaces()) {
            if (namespace instanceof Collection collection) {
                collections++;
                objects += collection.count();
                size += collection.dataSize();
                indexes += collection.indexes().size() + 1;
            } else {
                views++;
            }
        }
        return new Document("db", call.database()).append("collections", collections).append("views", views).append("objects", objects)
            .append("avgObjSize", objects == 0 ? 0.0 : (double) size / objects).append("dataSize", (double) size)
            .append("storageSize", (double) size).append("indexes", indexes).append("indexSize", 0.0).append("totalSize", (double) size);
    }

    private static Document collStats(Call call, String name) {
        Document stats = new Document("ns", call.database() + "." + name);
        Namespace namespace = call.db().find(name);
        if (!(namespace instanceof Collection collection)) {
            return stats.append("size", 0).append("count", 0).append("numOrphanDocs", 0).append("storageSize", 0).append("totalSize", 0)
                .append("nindexes", 0).append("totalIndexSize", 0).append("indexSizes", new Document());
        }
        int count = collection.count();
        Document sizes = new Document("_id_", 0);
        collection.indexes().keySet().forEach(index -> sizes.put(index, 0));
        return stats.append("size", collection.dataSize()).append("count", count)
            .append("avgObjSize", count == 0 ? 0 : (int) (collection.dataSize() / count)).append("numOrphanDocs", 0)
            .append("storageSize", collection.dataSize()).append("totalSize", collection.dataSize())
            .append("capped", Boolean.TRUE.equals(collection.options().get("capped"))).append("nindexes", sizes.size())
            .append("totalIndexSize", 0).append("indexSizes", sizes);
    }

    static Document collStatsStage(Call call, Document options) {
        if (call.db().find(call.target()) == null) {
            throw Failure.namespaceNotFound("Unable to retrieve storageStats in $collStats stage :: caused by :: Collection ["
                + call.namespace() + "] not found.");
        }
        Document result = new Document("ns", call.namespace()).append("host", "polyshift-standin").append("localTime", Instant.now());
        if (options.containsKey("storageStats")) {
            Document stats = collStats(call, call.target());
            stats.remove("ns");
            result.append("storageStats", stats);
        }
        if (options.containsKey("count")) {
            result.append("count", call.reader(call.target()).count());
        }
        return result;
    }

    private static Document serverStatus(Call call) {
        long uptime = ManagementFactory.getRuntimeMXBean().getUptime();
        Runtime runtime = Runtime.getRuntime();
        return new Document("host", "polyshift-standin").append("version", HandshakeCommands.VERSION).append("process", "polyshift-standin")
            .append("pid", ProcessHandle.current().pid()).append("uptime", uptime / 1000.0).append("uptimeMillis", uptime)
            .append("localTime", Instant.now())
            .append("connections", new Document("current", 1).append("available", 1000))
            .append("mem", new Document("resident", (int) ((runtime.totalMemory() - runtime.freeMemory()) >> 20)))
            .append("storageEngine", new Document("name", "polyshift-standin").append("supportsCommittedReads", true))
            .append("metrics", new Document("cursor", new Document("open", new Document("total", (long) call.server().cursors().count()))))
            .append("repl", new Document("setName", HandshakeCommands.REPLICA_SET).append("isWritablePrimary", true));
    }

    /** MD5 over the documents in the order of _id, as the manual describes it; the digests differ from MongoDB's own. */
    private static Document dbHash(Call call) {
        Document hashes = new Document();
        MessageDigest all = digest();
        for (Namespace namespace : call.db().namespaces()) {
            if (namespace instanceof Collection collection) {
                MessageDigest one = digest();
                Iterator<Document> documents = new Reader(collection, null).find(new Document(), Filter.ALL, new Document("_id", 1), 0, 0);
                documents.forEachRemaining(document -> one.update(BsonWriter.bytes(document)));
                byte[] hash = one.digest();
                hashes.put(collection.name(), HexFormat.of().formatHex(hash));
                all.update(hash);
            }
        }
        return new Document("host", "polyshift-standin").append("collections", hashes).append("md5", HexFormat.of().formatHex(all.digest()));
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Document validate(Call call) {
        if (!(call.db().find(call.target()) instanceof Collection collection)) {
            throw Failure.namespaceNotFound("Collection '" + call.namespace() + "' does not exist to validate.");
        }
        Document keys = new Document("_id_", (long) collection.count());
        collection.indexes().forEach((name, index) -> keys.put(name, (long) index.size()));
        return new Document("ns", call.namespace()).append("nrecords", collection.count()).append("nIndexes", keys.size())
            .append("keysPerIndex", keys).append("valid", true).append("warnings", List.of()).append("errors", List.of());
    }
}
