package dev.polyshift.standin.command;

import java.util.List;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.aggregate.PipelineContext;
import dev.polyshift.standin.bson.Docs;
import dev.polyshift.standin.bson.Numbers;
import dev.polyshift.standin.expression.Env;
import dev.polyshift.standin.expression.ExprCompiler;
import dev.polyshift.standin.session.Transaction;
import dev.polyshift.standin.store.Collection;
import dev.polyshift.standin.store.Database;
import dev.polyshift.standin.store.Reader;
import dev.polyshift.standin.wire.Connection;

/** One command being run. */
record Call(Server server, Connection connection, String database, Document command, Transaction transaction) {

    String name() {
        return command.keySet().iterator().next();
    }

    /** A collation other than the binary one would change what matches; it is refused rather than ignored. */
    static void refuseCollation(Document options) {
        if (options.get("collation") instanceof Document collation && !collation.isEmpty() && !"simple".equals(collation.get("locale"))) {
            throw Failure.notInStandin("a query with a collation");
        }
    }

    /** The collection a command names by its first field. */
    String target() {
        Object value = command.get(name());
        if (!(value instanceof String collection) || collection.isEmpty()) {
            throw new Failure(73, "InvalidNamespace", "collection name has invalid type or is empty in " + name());
        }
        return collection;
    }

    String namespace() {
        return database + "." + target();
    }

    Database db() {
        return server.store().database(database);
    }

    Collection visible(String collection) {
        return transaction == null ? db().collection(collection) : transaction.visible(db(), collection);
    }

    Collection writable(String collection) {
        if (collection.startsWith("system.") && !collection.equals("system.js") && !collection.startsWith("system.views")) {
            throw new Failure(73, "InvalidNamespace", "cannot write to '" + database + "." + collection + "'");
        }
        return transaction == null ? db().createIfAbsent(collection) : transaction.collection(db(), collection);
    }

    Reader reader(String collection) {
        return new Reader(visible(collection), transaction);
    }

    boolean flag(String field) {
        return Docs.truthy(command.get(field));
    }

    int number(String field, int otherwise) {
        Object value = command.get(field);
        if (Docs.isNullish(value)) {
            return otherwise;
        }
        Long number = Numbers.wholeLong(value);
        if (number == null) {
            throw Failure.typeMismatch("BSON field '" + name() + "." + field + "' is the wrong type");
        }
        return (int) Math.min(Integer.MAX_VALUE, number);
    }

    Document document(String field) {
        return document(command, field);
    }

    static Document document(Document from, String field) {
        Object value = from.get(field);
        if (value == null) {
            return new Document();
        }
        if (value instanceof Document document) {
            return document;
        }
        throw Failure.typeMismatch("BSON field '" + field + "' is the wrong type '"
            + dev.polyshift.standin.bson.BsonTypes.alias(value) + "', expected type 'object'");
    }

    static List<?> list(Document from, String field) {
        Object value = from.get(field);
        if (value == null) {
            return List.of();
        }
        if (value instanceof List<?> list) {
            return list;
        }
        throw Failure.typeMismatch("BSON field '" + field + "' is the wrong type '"
            + dev.polyshift.standin.bson.BsonTypes.alias(value) + "', expected type 'array'");
    }

    /** The variables of the command's let. */
    Env env() {
        return env(command);
    }

    Env env(Document from) {
        Env env = Env.empty();
        if (command.get("let") instanceof Document let) {
            for (var entry : let.entrySet()) {
                env = env.with(entry.getKey(), ExprCompiler.compile(entry.getValue()).eval(env));
            }
        }
        if (from != command && from.get("c") instanceof Document constants) {
            for (var entry : constants.entrySet()) {
                env = env.with(entry.getKey(), entry.getValue());
            }
        }
        return env;
    }

    PipelineContext pipelines() {
        return new PipelineContext(server.store(), database, transaction, env(), flag("bypassDocumentValidation"));
    }

    void refuseInTransaction() {
        if (transaction != null) {
            throw new Failure(263, "OperationNotSupportedInTransaction", "Cannot run '" + name() + "' in a multi-document transaction.");
        }
    }

    static Document ok() {
        return new Document();
    }
}
