package dev.polyshift.standin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;

import org.bson.Document;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.function.Executable;

import com.mongodb.MongoException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;

import dev.polyshift.standin.command.Server;
import dev.polyshift.standin.oplog.Oplog;
import dev.polyshift.standin.store.Store;
import dev.polyshift.standin.wire.StandinServer;

/** A server of its own for each test class, spoken to through MongoDB's own driver. */
abstract class StandinTest {

    static final int OPLOG_SIZE = 100;
    static MongoClient client;
    static StandinServer server;
    static String url;
    private static Server commands;
    MongoDatabase db;
    MongoCollection<Document> users;

    @BeforeAll
    static void start() {
        commands = new Server(new Store(new Oplog(OPLOG_SIZE)));
        server = new StandinServer(commands, 0);
        url = "mongodb://127.0.0.1:" + server.port() + "/?replicaSet=rs0";
        client = MongoClients.create(url);
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
        commands.close();
    }

    @BeforeEach
    void emptyDatabase() {
        db = client.getDatabase("test");
        db.drop();
        users = db.getCollection("users");
    }

    /** Relaxed extended JSON. */
    static Document doc(String json) {
        return Document.parse(json);
    }

    static List<Document> docs(String... json) {
        List<Document> documents = new ArrayList<>();
        for (String one : json) {
            documents.add(doc(one));
        }
        return documents;
    }

    List<Document> all() {
        return users.find().into(new ArrayList<>());
    }

    static MongoException fails(int code, Executable action) {
        MongoException error = assertThrows(MongoException.class, action);
        assertEquals(code, error.getCode(), error.getMessage());
        return error;
    }
}
