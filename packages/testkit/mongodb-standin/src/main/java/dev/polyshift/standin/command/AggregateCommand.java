package dev.polyshift.standin.command;

import java.util.Iterator;
import java.util.List;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.aggregate.Pipeline;
import dev.polyshift.standin.aggregate.PipelineContext;
import dev.polyshift.standin.oplog.ChangeStream;

/** Manual: https://www.mongodb.com/docs/manual/reference/command/aggregate/ */
final class AggregateCommand {

    private AggregateCommand() {
    }

    static Document run(Call call) {
        if (!(call.command().get("pipeline") instanceof List<?> stages)) {
            throw Failure.typeMismatch("'pipeline' option must be specified as an array");
        }
        if (!(call.command().get("cursor") instanceof Document cursor)) {
            throw Failure.parse("The 'cursor' option is required, except for aggregate with the explain argument");
        }
        Call.refuseCollation(call.command());
        int batchSize = cursor.get("batchSize") instanceof Number size ? size.intValue() : Cursors.FIRST_BATCH;
        boolean onDatabase = !(call.command().get(call.name()) instanceof String);
        String collection = onDatabase ? "$cmd.aggregate" : call.target();
        String namespace = call.database() + "." + collection;
        Document first = stages.isEmpty() ? new Document() : (Document) stages.get(0);
        List<?> rest = stages.isEmpty() ? stages : stages.subList(1, stages.size());
        PipelineContext context = call.pipelines();
        if (first.get("$changeStream") instanceof Document options) {
            ChangeStream stream = new ChangeStream(call.server().store(), call.database(), onDatabase ? null : collection, options,
                input -> Pipeline.compile(rest, context).apply(input));
            return call.server().cursors().open(call, namespace, new Cursors.Source() {
                @Override
                public List<Document> take(int most, long waitMillis) {
                    return stream.take(Math.max(1, most), waitMillis);
                }

                @Override
                public boolean isExhausted() {
                    return stream.isInvalidated();
                }

                @Override
                public Document postBatchResumeToken() {
                    return stream.resumeToken();
                }
            }, batchSize, false);
        }
        Iterator<Document> source = null;
        if (first.containsKey("$collStats")) {
            source = List.of(StatisticsCommands.collStatsStage(call, (Document) first.get("$collStats"))).iterator();
        } else if (first.containsKey("$indexStats")) {
            source = IndexCommands.indexStats(call).iterator();
        } else if (first.containsKey("$currentOp") || first.containsKey("$listSessions") || first.containsKey("$listLocalSessions")) {
            source = List.<Document>of().iterator();
        } else if (onDatabase && !first.containsKey("$documents")) {
            throw new Failure(73, "InvalidNamespace", "{aggregate: 1} is not valid for '"
                + (first.isEmpty() ? "" : first.keySet().iterator().next()) + "'; a collection is required.");
        }
        Iterator<Document> results = source != null ? Pipeline.compile(rest, context).apply(source) : context.run(collection, stages);
        if (!stages.isEmpty()) {
            Document last = (Document) stages.get(stages.size() - 1);
            if (last.containsKey("$out") || last.containsKey("$merge")) {
                results.hasNext();
            }
        }
        return call.server().cursors().open(call, namespace, Cursors.of(results), batchSize, false);
    }
}
