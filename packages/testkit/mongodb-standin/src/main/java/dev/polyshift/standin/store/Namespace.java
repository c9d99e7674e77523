package dev.polyshift.standin.store;

import de.bwaldvogel.mongo.bson.Document;

/** A collection or a view. */
public interface Namespace {

    String name();

    /** database.collection */
    String namespace();

    Document options();
}
