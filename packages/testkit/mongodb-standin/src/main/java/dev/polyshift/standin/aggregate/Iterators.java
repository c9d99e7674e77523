package dev.polyshift.standin.aggregate;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

import de.bwaldvogel.mongo.bson.Document;

/** Lazy steps over documents. */
public final class Iterators {

    private Iterators() {
    }

    public static Iterator<Document> map(Iterator<Document> input, UnaryOperator<Document> function) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return input.hasNext();
            }

            @Override
            public Document next() {
                return function.apply(input.next());
            }
        };
    }

    public static Iterator<Document> filter(Iterator<Document> input, Predicate<Document> predicate) {
        return flatMap(input, document -> predicate.test(document)
            ? List.of(document).iterator() : Collections.emptyIterator());
    }

    public static Iterator<Document> flatMap(Iterator<Document> input, Function<Document, Iterator<Document>> function) {
        return new Iterator<>() {
            private Iterator<Document> current = Collections.emptyIterator();

            @Override
            public boolean hasNext() {
                while (!current.hasNext() && input.hasNext()) {
                    current = function.apply(input.next());
                }
                return current.hasNext();
            }

            @Override
            public Document next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return current.next();
            }
        };
    }

    /** What is made only when the first document is asked for. */
    public static Iterator<Document> lazy(java.util.function.Supplier<Iterator<Document>> supplier) {
        return new Iterator<>() {
            private Iterator<Document> made;

            @Override
            public boolean hasNext() {
                if (made == null) {
                    made = supplier.get();
                }
                return made.hasNext();
            }

            @Override
            public Document next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return made.next();
            }
        };
    }

    public static Iterator<Document> limit(Iterator<Document> input, long limit) {
        return new Iterator<>() {
            private long left = limit;

            @Override
            public boolean hasNext() {
                return left > 0 && input.hasNext();
            }

            @Override
            public Document next() {
                if (left <= 0) {
                    throw new NoSuchElementException();
                }
                left--;
                return input.next();
            }
        };
    }

    public static List<Document> list(Iterator<Document> input) {
        List<Document> all = new ArrayList<>();
        input.forEachRemaining(all::add);
        return all;
    }
}
