package dev.polyshift.standin.command;

import java.util.Iterator;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.query.Filter;
import dev.polyshift.standin.query.FilterCompiler;
import dev.polyshift.standin.store.Collection;
import dev.polyshift.standin.store.Reader;
import dev.polyshift.standin.store.Writer;

/** Deletes what matches: one document or all. Manual: https://www.mongodb.com/docs/manual/reference/command/delete/ */
final class DeleteOperation {

    private final Reader reader;
    private final Writer writer;
    private final Document query;
    private final Document sort;
    private final Filter filter;
    private final boolean one;
    private int count;
    private Document deleted;

    DeleteOperation(Call call, Collection collection, Document query, Document sort, boolean one, Document spec) {
        Call.refuseCollation(spec);
        this.reader = new Reader(collection, call.transaction());
        this.writer = new Writer(call.server().store(), collection, call.transaction(), true);
        this.query = query;
        this.sort = sort;
        this.one = one;
        this.filter = FilterCompiler.compile(query, call.env(spec));
    }

    void run() {
        boolean again = true;
        while (again) {
            again = false;
            Iterator<Document> found = reader.find(query, filter, sort, 0, one ? 1 : 0);
            while (found.hasNext()) {
                Document document = found.next();
                if (writer.delete(document)) {
                    count++;
                    deleted = document;
                    if (one) {
                        return;
                    }
                } else {
                    again = true;
                }
            }
        }
    }

    int count() {
        return count;
    }

    Document deleted() {
        return deleted;
    }
}
