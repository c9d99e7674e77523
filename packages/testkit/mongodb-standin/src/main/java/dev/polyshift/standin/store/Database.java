package dev.polyshift.standin.store;

import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;

/** The collections and views of one database. */
public final class Database {

    private final String name;
    private final ConcurrentSkipListMap<String, Namespace> namespaces = new ConcurrentSkipListMap<>();

    Database(String name) {
        this.name = name;
    }

    public String name() {
        return name;
    }

    public java.util.Collection<Namespace> namespaces() {
        return namespaces.values();
    }

    public Namespace find(String collection) {
        return namespaces.get(collection);
    }

    /** The collection, null if there is none; a view is refused. */
    public Collection collection(String collection) {
        Namespace found = namespaces.get(collection);
        if (found instanceof View) {
            throw new Failure(166, "CommandNotSupportedOnView", "Namespace " + found.namespace() + " is a view, not a collection");
        }
        return (Collection) found;
    }

    /** A collection that is not in the catalog yet: a transaction makes it visible when it commits. */
    public Collection unregistered(String collection) {
        checkName(collection);
        return new Collection(name, collection, new Document());
    }

    public Collection createIfAbsent(String collection) {
        Collection found = collection(collection);
        if (found != null) {
            return found;
        }
        checkName(collection);
        namespaces.computeIfAbsent(collection, absent -> new Collection(name, collection, new Document()));
        return collection(collection);
    }

    /** Puts a transaction's new collection into the catalog; false if somebody else was faster. */
    public boolean register(Collection collection) {
        boolean registered = namespaces.putIfAbsent(collection.name(), collection) == null;
        if (registered) {
            collection.dropped(false);
        }
        return registered;
    }

    public Collection create(String collection, Document options) {
        checkName(collection);
        Collection created = new Collection(name, collection, options);
        if (namespaces.putIfAbsent(collection, created) == null) {
            return created;
        }
        throw Failure.namespaceExists("Collection " + name + "." + collection + " already exists.");
    }

    public void createView(String view, String viewOn, List<Document> pipeline, Document options) {
        checkName(view);
        if (namespaces.putIfAbsent(view, new View(name, view, viewOn, pipeline, options)) != null) {
            throw Failure.namespaceExists("a view or collection already exists. NS: " + name + "." + view);
        }
    }

    public void replaceView(View view) {
        namespaces.put(view.name(), view);
    }

    public Namespace drop(String collection) {
        return gone(namespaces.remove(collection));
    }

    private static Namespace gone(Namespace namespace) {
        if (namespace instanceof Collection collection) {
            collection.dropped(true);
        }
        return namespace;
    }

    /** Moves a collection to a new name in this database in one step. */
    public synchronized Namespace rename(Collection collection, String target, boolean dropTarget) {
        Namespace existing = namespaces.get(target);
        if (existing != null && !dropTarget) {
            throw Failure.namespaceExists("target namespace exists");
        }
        checkName(target);
        collection.lock.writeLock().lock();
        try {
            namespaces.remove(collection.name());
            collection.name(target);
            namespaces.put(target, collection);
        } finally {
            collection.lock.writeLock().unlock();
        }
        return gone(existing);
    }

    private void checkName(String collection) {
        if (collection.isEmpty() || collection.contains("$") || collection.startsWith(".") || collection.indexOf('\0') >= 0) {
            throw new Failure(73, "InvalidNamespace", "Invalid collection name specified '" + name + "." + collection + "'");
        }
        if (name.length() + 1 + collection.length() > 255) {
            throw new Failure(73, "InvalidNamespace", "Fully qualified namespace is too long: " + name + "." + collection);
        }
    }
}
