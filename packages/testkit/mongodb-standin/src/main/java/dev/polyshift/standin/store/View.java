package dev.polyshift.standin.store;

import java.util.List;

import de.bwaldvogel.mongo.bson.Document;

/** A pipeline that is read as if it were a collection. Manual: https://www.mongodb.com/docs/manual/core/views/ */
public record View(String database, String name, String viewOn, List<Document> pipeline, Document options) implements Namespace {

    @Override
    public String namespace() {
        return database + "." + name;
    }
}
