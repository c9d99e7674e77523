package dev.polyshift.standin.command;

import java.util.ArrayList;
import java.util.List;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.Docs;
import dev.polyshift.standin.bson.Numbers;
import dev.polyshift.standin.store.Collection;
import dev.polyshift.standin.store.Writer;

/** insert, update and delete with their write errors. Manual: https://www.mongodb.com/docs/manual/reference/command/insert/ */
final class WriteCommands {

    private WriteCommands() {
    }

    static void register(Server server) {
        server.command("insert", WriteCommands::insert);
        server.command("update", WriteCommands::update);
        server.command("delete", WriteCommands::delete);
        server.command("findAndModify", FindAndModify::run);
    }

    private interface Operation {
        void run(Document spec, int index);
    }

    /** Runs the operations one by one; what fails becomes a write error, and ends an ordered batch. */
    private static Document batch(Call call, List<?> specs, Document reply, Operation operation) {
        List<Document> errors = new ArrayList<>();
        boolean ordered = !call.command().containsKey("ordered") || call.flag("ordered");
        for (int i = 0; i < specs.size(); i++) {
            try {
                operation.run((Document) specs.get(i), i);
            } catch (Failure e) {
                if (!e.labels().isEmpty() || e.getCode() == 166 || e.getCode() == 73) {
                    throw e;
                }
                Document error = new Document("index", i).append("code", e.getCode());
                error.putAll(e.fields());
                errors.add(error.append("errmsg", e.getMessageWithoutErrorCode()));
                if (ordered || call.transaction() != null) {
                    break;
                }
            }
        }
        if (!errors.isEmpty()) {
            reply.append("writeErrors", errors);
        }
        return reply;
    }

    private static Writer writer(Call call, Collection collection) {
        return new Writer(call.server().store(), collection, call.transaction(), call.flag("bypassDocumentValidation"));
    }

    private static Document insert(Call call) {
        List<?> documents = Call.list(call.command(), "documents");
        Writer writer = writer(call, call.writable(call.target()));
        int[] inserted = {0};
        Document reply = batch(call, documents, new Document("n", 0), (document, index) -> {
            writer.insert(document);
            inserted[0]++;
        });
        reply.put("n", inserted[0]);
        return reply;
    }

    private static Document update(Call call) {
        Collection collection = call.visible(call.target());
        int[] counts = {0, 0};
        List<Document> upserted = new ArrayList<>();
        Document reply = batch(call, Call.list(call.command(), "updates"), new Document("n", 0).append("nModified", 0), (spec, index) -> {
            boolean upsert = Docs.truthy(spec.get("upsert"));
            Collection target = upsert ? call.writable(call.target()) : collection == null ? call.visible(call.target()) : collection;
            if (target == null) {
                UpdateOperation.of(call, spec, null);
                return;
            }
            UpdateOperation operation = UpdateOperation.of(call, spec, target);
            operation.run();
            counts[0] += operation.matched();
            counts[1] += operation.modified();
            if (operation.upserted() != null) {
                upserted.add(new Document("index", index).append("_id", operation.upserted().get("_id")));
                counts[0]++;
            }
        });
        reply.put("n", counts[0]);
        reply.put("nModified", counts[1]);
        if (!upserted.isEmpty()) {
            reply.put("upserted", upserted);
        }
        return reply;
    }

    private static Document delete(Call call) {
        int[] deleted = {0};
        Collection collection = call.visible(call.target());
        Document reply = batch(call, Call.list(call.command(), "deletes"), new Document("n", 0), (spec, index) -> {
            Long limit = Numbers.wholeLong(spec.get("limit"));
            if (limit == null || limit != 0 && limit != 1) {
                throw Failure.parse("The limit field in delete objects must be 0 or 1. Got " + spec.get("limit"));
            }
            DeleteOperation operation = new DeleteOperation(call, collection, Call.document(spec, "q"), null, limit == 1, spec);
            operation.run();
            deleted[0] += operation.count();
        });
        reply.put("n", deleted[0]);
        return reply;
    }
}
