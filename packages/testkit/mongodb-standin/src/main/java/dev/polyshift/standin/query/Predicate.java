package dev.polyshift.standin.query;

import java.util.List;

import de.bwaldvogel.mongo.bson.Document;

/** One operator of a query, applied to a field by its path, or to one array element inside $elemMatch. */
interface Predicate {

    boolean onPath(Document document, FieldPath path, Match match);

    boolean onValue(Object value, Match match);

    record Leaf(ValueTest test, boolean expand) implements Predicate {
        @Override
        public boolean onPath(Document document, FieldPath path, Match match) {
            return path.any(document, expand, test, match);
        }

        @Override
        public boolean onValue(Object value, Match match) {
            return test.test(value, match);
        }
    }

    record Not(Predicate negated) implements Predicate {
        @Override
        public boolean onPath(Document document, FieldPath path, Match match) {
            return !negated.onPath(document, path, new Match());
        }

        @Override
        public boolean onValue(Object value, Match match) {
            return !negated.onValue(value, new Match());
        }
    }

    record And(List<Predicate> all) implements Predicate {
        @Override
        public boolean onPath(Document document, FieldPath path, Match match) {
            for (Predicate predicate : all) {
                if (!predicate.onPath(document, path, match)) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public boolean onValue(Object value, Match match) {
            for (Predicate predicate : all) {
                if (!predicate.onValue(value, match)) {
                    return false;
                }
            }
            return true;
        }
    }

    /** Matches nothing, as $all: [] and $in: [] do. */
    Predicate NOTHING = new Leaf((value, match) -> false, false);
}
