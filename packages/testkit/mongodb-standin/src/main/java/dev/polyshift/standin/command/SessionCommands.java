package dev.polyshift.standin.command;

import java.util.UUID;

import de.bwaldvogel.mongo.bson.Document;

/** Sessions and the end of transactions. Manual: https://www.mongodb.com/docs/manual/reference/command/nav-sessions/ */
final class SessionCommands {

    private SessionCommands() {
    }

    static void register(Server server) {
        server.command("startSession", call -> new Document("id", new Document("id", UUID.randomUUID())).append("timeoutMinutes", 30));
        server.command("refreshSessions", call -> Call.ok());
        server.command("endSessions", call -> end(call, "endSessions"));
        server.command("killSessions", call -> end(call, "killSessions"));
        server.command("killAllSessions", call -> {
            call.server().sessions().endAll();
            return Call.ok();
        });
        server.command("commitTransaction", call -> {
            call.server().sessions().commit(call.command());
            return Call.ok();
        });
        server.command("abortTransaction", call -> {
            call.server().sessions().abort(call.command());
            return Call.ok();
        });
    }

    private static Document end(Call call, String field) {
        call.server().sessions().end(Call.list(call.command(), field));
        return Call.ok();
    }
}
