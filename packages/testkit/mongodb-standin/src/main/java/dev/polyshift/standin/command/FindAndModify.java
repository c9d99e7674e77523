package dev.polyshift.standin.command;

import java.util.function.UnaryOperator;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.aggregate.Projection;
import dev.polyshift.standin.store.Collection;

/** Manual: https://www.mongodb.com/docs/manual/reference/command/findAndModify/ */
final class FindAndModify {

    private FindAndModify() {
    }

    static Document run(Call call) {
        boolean remove = call.flag("remove");
        if (!remove && !call.command().containsKey("update")) {
            throw Failure.parse("Either an update or remove=true must be specified");
        }
        if (remove && (call.command().containsKey("update") || call.flag("new") || call.flag("upsert"))) {
            throw Failure.parse("Cannot specify both an update and remove=true");
        }
        Call.refuseCollation(call.command());
        Document fields = call.document("fields");
        UnaryOperator<Document> projection = fields.isEmpty() ? document -> document : Projection.compile("find", fields, call.env());
        Collection collection = call.flag("upsert") ? call.writable(call.target()) : call.visible(call.target());
        if (collection == null) {
            return reply(new Document("n", 0).append(remove ? "n" : "updatedExisting", remove ? (Object) 0 : false), null);
        }
        if (remove) {
            DeleteOperation operation = new DeleteOperation(call, collection, call.document("query"), call.document("sort"), true, call.command());
            operation.run();
            return reply(new Document("n", operation.count()), operation.deleted() == null ? null : projection.apply(operation.deleted()));
        }
        UpdateOperation operation = UpdateOperation.ofFindAndModify(call, collection);
        operation.run();
        Document last = new Document("n", operation.matched() + (operation.upserted() == null ? 0 : 1))
            .append("updatedExisting", operation.matched() > 0);
        if (operation.upserted() != null) {
            last.append("upserted", operation.upserted().get("_id"));
        }
        Document value = call.flag("new") ? operation.after() : operation.before();
        return reply(last, value == null ? null : projection.apply(value));
    }

    private static Document reply(Document lastErrorObject, Document value) {
        return new Document("lastErrorObject", lastErrorObject).append("value", value);
    }
}
