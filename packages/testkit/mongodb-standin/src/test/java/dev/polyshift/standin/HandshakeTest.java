package dev.polyshift.standin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;

import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;

class HandshakeTest extends StandinTest {

    @Test
    void buildInfoSaysThatItIsAStandin() {
        Document info = db.runCommand(doc("{buildInfo: 1}"));
        assertEquals(true, info.get("polyshiftStandin"));
        assertEquals(List.of("polyshift-standin"), info.get("modules"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?directConnection=true", "?replicaSet=rs0", "?directConnection=true&replicaSet=rs0", "?retryWrites=false"})
    void connectsWith(String options) {
        try (MongoClient other = MongoClients.create("mongodb://127.0.0.1:" + server.port() + "/" + options)) {
            assertEquals(1.0, other.getDatabase("admin").runCommand(doc("{ping: 1}")).get("ok"));
        }
    }

    @Test
    void unknownCommandsAreRefused() {
        fails(59, () -> db.runCommand(doc("{noSuchThing: 1}")));
    }

    @Test
    void diagnosticCommandsAnswer() {
        users.insertOne(doc("{_id: 1}"));
        for (String command : List.of("{dbStats: 1}", "{collStats: 'users'}", "{serverStatus: 1}", "{dbHash: 1}", "{currentOp: 1}",
            "{getParameter: 1, featureCompatibilityVersion: 1}", "{validate: 'users'}")) {
            assertEquals(1.0, db.runCommand(doc(command)).get("ok"), command);
        }
    }
}
