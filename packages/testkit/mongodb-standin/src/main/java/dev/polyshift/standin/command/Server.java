package dev.polyshift.standin.command;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import de.bwaldvogel.mongo.exception.MongoServerException;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.session.Session;
import dev.polyshift.standin.session.Sessions;
import dev.polyshift.standin.session.Transaction;
import dev.polyshift.standin.store.Store;
import dev.polyshift.standin.wire.CommandService;
import dev.polyshift.standin.wire.Connection;

/** Finds the command, puts it into its session and transaction, and turns what it throws into MongoDB's error reply. */
public final class Server implements CommandService, AutoCloseable {

    private static final Set<String> RETRYABLE = Set.of("insert", "update", "delete", "findandmodify");
    private static final Set<String> ENDING = Set.of("committransaction", "aborttransaction");

    private final Store store;
    private final Sessions sessions;
    private final Cursors cursors = new Cursors();
    private final Map<String, Function<Call, Document>> commands = new HashMap<>();

    public Server(Store store) {
        this.store = store;
        this.sessions = new Sessions(store);
        HandshakeCommands.register(this);
        SessionCommands.register(this);
        WriteCommands.register(this);
        ReadCommands.register(this);
        CatalogCommands.register(this);
        IndexCommands.register(this);
        StatisticsCommands.register(this);
    }

    /** Names are matched without regard to case, as some drivers write isMaster and others ismaster. */
    void command(String name, Function<Call, Document> body) {
        commands.put(name.toLowerCase(Locale.ROOT), body);
    }

    Store store() {
        return store;
    }

    Sessions sessions() {
        return sessions;
    }

    Cursors cursors() {
        return cursors;
    }

    @Override
    public Document run(Connection connection, String database, Document command) {
        String name = command.isEmpty() ? "" : command.keySet().iterator().next();
        String key = name.toLowerCase(Locale.ROOT);
        Transaction transaction = null;
        try {
            Function<Call, Document> body = commands.get(key);
            if (body == null) {
                throw new Failure(59, "CommandNotFound", "no such command: '" + name + "'");
            }
            Document reply;
            if (ENDING.contains(key)) {
                reply = body.apply(new Call(this, connection, database, command, null));
            } else if (RETRYABLE.contains(key) && Sessions.isRetryable(command)) {
                reply = sessions.once(command, () -> body.apply(new Call(this, connection, database, command, null)));
            } else {
                transaction = sessions.transaction(command, connection);
                reply = body.apply(new Call(this, connection, database, command, transaction));
                if (transaction != null && reply.containsKey("writeErrors")) {
                    end(command);
                }
            }
            reply.put("ok", 1.0);
            reply.put("operationTime", store.oplog().now());
            return reply;
        } catch (RuntimeException | StackOverflowError e) {
            if (transaction != null) {
                end(command);
            }
            return error(e, name);
        }
    }

    /** A failed command ends its transaction. */
    private void end(Document command) {
        Session session = sessions.of(command);
        if (session != null) {
            session.end();
        }
    }

    private static Document error(Throwable thrown, String name) {
        Document reply = new Document("ok", 0.0);
        if (thrown instanceof MongoServerError error) {
            reply.append("errmsg", error.getMessageWithoutErrorCode()).append("code", error.getCode()).append("codeName", error.getCodeName());
            if (error instanceof Failure failure) {
                reply.putAll(failure.fields());
                if (!failure.labels().isEmpty()) {
                    reply.put("errorLabels", new ArrayList<>(failure.labels()));
                }
            }
            return reply;
        }
        if (!(thrown instanceof MongoServerException)) {
            System.err.println("command " + name + " failed inside the stand-in:");
            thrown.printStackTrace();
        }
        return reply.append("errmsg", "the stand-in failed: " + thrown).append("code", 8).append("codeName", "UnknownError");
    }

    @Override
    public void disconnected(Connection connection) {
        sessions.disconnected(connection);
        cursors.closeOf(connection);
    }

    @Override
    public void close() {
        sessions.close();
    }
}
