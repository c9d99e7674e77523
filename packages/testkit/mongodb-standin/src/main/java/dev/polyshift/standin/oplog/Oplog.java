package dev.polyshift.standin.oplog;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import de.bwaldvogel.mongo.bson.BsonTimestamp;

/**
 * The latest changes, a bounded ring: the oldest are forgotten, and a change stream that needs them fails as it does in
 * MongoDB. Manual: https://www.mongodb.com/docs/manual/core/replica-set-oplog/
 */
public final class Oplog {

    private final OplogEntry[] ring;
    private long appended;
    private long lastStamp;

    /** @param size how many changes are kept; 0 keeps none */
    public Oplog(int size) {
        ring = new OplogEntry[size];
        lastStamp = System.currentTimeMillis() / 1000 << 32;
    }

    public synchronized void append(OplogEntry entry) {
        entry.stamp(next());
        if (ring.length > 0) {
            ring[(int) (appended++ % ring.length)] = entry;
            notifyAll();
        }
    }

    private BsonTimestamp next() {
        long second = System.currentTimeMillis() / 1000 << 32;
        lastStamp = Math.max(lastStamp + 1, second + 1);
        return new BsonTimestamp(lastStamp);
    }

    /** The time of the latest change. */
    public synchronized BsonTimestamp now() {
        return new BsonTimestamp(lastStamp);
    }

    /** Whether all changes after a time are still here. */
    public synchronized boolean reachesBackTo(long stamp) {
        return appended <= ring.length || ring.length > 0 && oldest().timestamp().getValue() <= stamp + 1;
    }

    private OplogEntry oldest() {
        return ring[(int) (appended % ring.length)];
    }

    /** The changes after a time in their order, at most {@code limit}; waits for one if there is none. */
    public synchronized List<OplogEntry> after(long stamp, int limit, long waitMillis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(waitMillis);
        List<OplogEntry> found = read(stamp, limit);
        while (found.isEmpty()) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                return found;
            }
            wait(left);
            found = read(stamp, limit);
        }
        return found;
    }

    private List<OplogEntry> read(long stamp, int limit) {
        List<OplogEntry> found = new ArrayList<>();
        long first = Math.max(0, appended - ring.length);
        long low = first;
        long high = appended;
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (ring[(int) (middle % ring.length)].timestamp().getValue() <= stamp) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        for (long at = low; at < appended && found.size() < limit; at++) {
            found.add(ring[(int) (at % ring.length)]);
        }
        return found;
    }
}
