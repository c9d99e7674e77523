package dev.polyshift.standin.aggregate;

import java.util.Iterator;

import de.bwaldvogel.mongo.bson.Document;

/** One stage of a pipeline: documents in, documents out, one at a time where it can. */
public interface Stage {

    Iterator<Document> apply(Iterator<Document> input);
}
