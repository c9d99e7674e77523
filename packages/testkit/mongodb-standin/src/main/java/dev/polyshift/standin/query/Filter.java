package dev.polyshift.standin.query;

import de.bwaldvogel.mongo.bson.Document;

/** A compiled query. */
public interface Filter {

    Filter ALL = (document, match) -> true;

    boolean test(Document document, Match match);

    default boolean test(Document document) {
        return test(document, new Match());
    }
}
