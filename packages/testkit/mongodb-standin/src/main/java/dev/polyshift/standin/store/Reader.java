package dev.polyshift.standin.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.query.Filter;
import dev.polyshift.standin.query.SortOrder;
import dev.polyshift.standin.session.Transaction;

/**
 * Reads a collection as one reader sees it: the committed documents, and in a transaction its own writes on top.
 * Without a transaction nothing uncommitted is ever seen.
 */
public final class Reader {

    private final Collection collection;
    private final NavigableMap<Object, Change> own;

    public Reader(Collection collection, Transaction transaction) {
        this.collection = collection;
        this.own = transaction == null ? null : transaction.changes(collection);
    }

    /** @param limit 0 for none */
    public Iterator<Document> find(Document query, Filter filter, Document sort, int skip, int limit) {
        if (collection == null) {
            return Collections.emptyIterator();
        }
        if (own != null && !own.isEmpty()) {
            return sorted(withOwn(query, filter, sort), sort, skip, limit);
        }
        collection.lock.readLock().lock();
        Iterator<Document> candidates;
        boolean sorted;
        try {
            Scan scan = Planner.plan(collection, query, sort, limit > 0);
            sorted = scan.sorted();
            if (sorted && limit > 0) {
                return page(documents(scan.records(), filter), skip, limit).iterator();
            }
            Iterator<Record> copied = scan.whole() ? Arrays.asList(collection.snapshot()).iterator() : copy(scan.records()).iterator();
            candidates = documents(copied, filter);
        } finally {
            collection.lock.readLock().unlock();
        }
        if (sorted) {
            for (int i = 0; i < skip && candidates.hasNext(); i++) {
                candidates.next();
            }
            return candidates;
        }
        List<Document> all = new ArrayList<>();
        candidates.forEachRemaining(all::add);
        return sorted(all, sort, skip, limit);
    }

    private static List<Record> copy(Iterator<Record> records) {
        List<Record> copy = new ArrayList<>();
        records.forEachRemaining(copy::add);
        return copy;
    }

    private static List<Document> page(Iterator<Document> documents, int skip, int limit) {
        List<Document> page = new ArrayList<>(Math.min(limit, 1024));
        for (int i = 0; i < skip && documents.hasNext(); i++) {
            documents.next();
        }
        while (page.size() < limit && documents.hasNext()) {
            page.add(documents.next());
        }
        return page;
    }

    private static Iterator<Document> sorted(List<Document> documents, Document sort, int skip, int limit) {
        if (sort != null && !sort.isEmpty() && !sort.containsKey("$natural")) {
            documents.sort(new SortOrder(sort));
        }
        int from = Math.min(skip, documents.size());
        int to = limit > 0 ? (int) Math.min(documents.size(), (long) from + limit) : documents.size();
        return documents.subList(from, to).iterator();
    }

    private List<Document> withOwn(Document query, Filter filter, Document sort) {
        List<Document> all = new ArrayList<>();
        collection.lock.readLock().lock();
        try {
            Iterator<Record> records = Planner.plan(collection, query, sort, false).records();
            while (records.hasNext()) {
                Record record = records.next();
                Document document = record.document();
                if (document != null && !own.containsKey(record.id()) && filter.test(document)) {
                    all.add(document);
                }
            }
        } finally {
            collection.lock.readLock().unlock();
        }
        for (Map.Entry<Object, Change> entry : own.entrySet()) {
            Document document = entry.getValue().document();
            if (document != null && filter.test(document)) {
                all.add(document);
            }
        }
        return all;
    }

    /** The visible document with an _id, or null. */
    public Document get(Object id) {
        if (collection == null) {
            return null;
        }
        Change change = own == null ? null : own.get(id);
        if (change != null) {
            return change.document();
        }
        collection.lock.readLock().lock();
        try {
            Record record = collection.ids.get(id);
            return record == null ? null : record.document();
        } finally {
            collection.lock.readLock().unlock();
        }
    }

    public int count() {
        if (collection == null) {
            return 0;
        }
        int count = collection.count();
        if (own == null || own.isEmpty()) {
            return count;
        }
        collection.lock.readLock().lock();
        try {
            for (Map.Entry<Object, Change> entry : own.entrySet()) {
                boolean before = collection.ids.containsKey(entry.getKey());
                count += (entry.getValue().document() == null ? 0 : 1) - (before ? 1 : 0);
            }
            return count;
        } finally {
            collection.lock.readLock().unlock();
        }
    }

    private static Iterator<Document> documents(Iterator<Record> records, Filter filter) {
        return new Iterator<>() {
            private Document next;

            @Override
            public boolean hasNext() {
                while (next == null && records.hasNext()) {
                    Document document = records.next().document();
                    if (document != null && filter.test(document)) {
                        next = document;
                    }
                }
                return next != null;
            }

            @Override
            public Document next() {
                if (!hasNext()) {
                    throw new java.util.NoSuchElementException();
                }
                Document document = next;
                next = null;
                return document;
            }
        };
    }
}
