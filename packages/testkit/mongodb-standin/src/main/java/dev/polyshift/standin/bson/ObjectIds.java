package dev.polyshift.standin.bson;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicInteger;

import de.bwaldvogel.mongo.bson.ObjectId;

/** ObjectIds made by the server, ascending in time. Manual: https://www.mongodb.com/docs/manual/reference/method/ObjectId/ */
public final class ObjectIds {

    private static final byte[] PROCESS = new byte[5];
    private static final AtomicInteger COUNTER;

    static {
        SecureRandom random = new SecureRandom();
        random.nextBytes(PROCESS);
        COUNTER = new AtomicInteger(random.nextInt(1 << 23));
    }

    private ObjectIds() {
    }

    public static ObjectId next() {
        int count = COUNTER.incrementAndGet();
        return new ObjectId(ByteBuffer.allocate(12)
            .putInt((int) (System.currentTimeMillis() / 1000)).put(PROCESS)
            .put((byte) (count >> 16)).put((byte) (count >> 8)).put((byte) count).array());
    }
}
