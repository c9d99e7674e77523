package dev.polyshift.standin.command;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.bson.ObjectId;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.ObjectIds;
import dev.polyshift.standin.store.Writer;

/**
 * Who the server is: a replica set of one member, since drivers refuse transactions and retryable writes on a
 * standalone server. Manual: https://www.mongodb.com/docs/manual/reference/command/hello/
 */
final class HandshakeCommands {

    static final String REPLICA_SET = "rs0";
    static final String VERSION = "5.0.0";
    /** The wire version of MongoDB 5.0. */
    private static final int WIRE_VERSION = 13;
    private static final ObjectId ELECTION = ObjectIds.next();

    private HandshakeCommands() {
    }

    static void register(Server server) {
        server.command("hello", call -> hello(call, "isWritablePrimary"));
        server.command("isMaster", call -> hello(call, "ismaster"));
        server.command("ping", call -> Call.ok());
        server.command("buildInfo", call -> buildInfo());
        server.command("whatsmyuri", call -> new Document("you", call.connection().remote()));
        server.command("connectionStatus", call -> new Document("authInfo",
            new Document("authenticatedUsers", List.of()).append("authenticatedUserRoles", List.of())));
        server.command("getCmdLineOpts", call -> new Document("argv", List.of("polyshift-standin")).append("parsed", new Document()));
        server.command("getLog", call -> new Document("totalLinesWritten", 0).append("log", List.of()));
        server.command("getParameter", HandshakeCommands::getParameter);
        server.command("setParameter", HandshakeCommands::setParameter);
        server.command("replSetGetStatus", HandshakeCommands::replicaSetStatus);
        server.command("hostInfo", call -> new Document("system", new Document("currentTime", Instant.now())
            .append("hostname", "127.0.0.1")).append("os", new Document("type", System.getProperty("os.name"))));
        server.command("logout", call -> Call.ok());
        server.command("fsync", call -> new Document("numFiles", 1));
    }

    private static Document hello(Call call, String primary) {
        String me = "127.0.0.1:" + call.connection().localPort();
        Document reply = new Document("helloOk", true);
        reply.put(primary, true);
        if (primary.equals("isWritablePrimary")) {
            reply.put("ismaster", true);
        }
        return reply.append("setName", REPLICA_SET).append("setVersion", 1).append("electionId", ELECTION)
            .append("secondary", false).append("hosts", List.of(me)).append("primary", me).append("me", me)
            .append("maxBsonObjectSize", Writer.MAX_DOCUMENT_BYTES).append("maxMessageSizeBytes", 48_000_000)
            .append("maxWriteBatchSize", 100_000).append("localTime", Instant.ofEpochMilli(System.currentTimeMillis()))
            .append("logicalSessionTimeoutMinutes", 30).append("connectionId", call.connection().id())
            .append("minWireVersion", 0).append("maxWireVersion", WIRE_VERSION).append("readOnly", false)
            .append("polyshiftStandin", true);
    }

    /** polyshiftStandin and modules tell a client that this is no genuine MongoDB. */
    private static Document buildInfo() {
        return new Document("version", VERSION).append("gitVersion", "polyshift-standin")
            .append("modules", List.of("polyshift-standin")).append("polyshiftStandin", true)
            .append("versionArray", List.of(5, 0, 0, 0)).append("bits", 64).append("debug", false)
            .append("javascriptEngine", "none").append("maxBsonObjectSize", Writer.MAX_DOCUMENT_BYTES)
            .append("storageEngines", List.of("polyshift-standin"));
    }

    private static Document getParameter(Call call) {
        Document known = new Document("featureCompatibilityVersion", new Document("version", "5.0"))
            .append("transactionLifetimeLimitSeconds", call.server().sessions().transactionSeconds());
        Document reply = new Document();
        boolean all = "*".equals(call.command().get("getParameter"));
        known.forEach((name, value) -> {
            if (all || call.command().containsKey(name)) {
                reply.put(name, value);
            }
        });
        if (reply.isEmpty()) {
            throw new Failure(72, "InvalidOptions", "no option found to get");
        }
        return reply;
    }

    private static Document setParameter(Call call) {
        int seconds = call.number("transactionLifetimeLimitSeconds", 0);
        if (seconds <= 0) {
            throw new Failure(72, "InvalidOptions", "attempted to set unrecognized parameter");
        }
        Document was = new Document("was", call.server().sessions().transactionSeconds());
        call.server().sessions().transactionSeconds(seconds);
        return was;
    }

    private static Document replicaSetStatus(Call call) {
        List<Object> members = new ArrayList<>();
        members.add(new Document("_id", 0).append("name", "127.0.0.1:" + call.connection().localPort()).append("health", 1.0)
            .append("state", 1).append("stateStr", "PRIMARY").append("self", true));
        return new Document("set", REPLICA_SET).append("date", Instant.now()).append("myState", 1).append("members", members);
    }
}
