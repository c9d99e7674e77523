package dev.polyshift.standin.bson;

import java.util.Arrays;

/** Binary data of a subtype that mongo-java-server has no class for; kept byte for byte. */
public record Binary(byte subtype, byte[] data) {

    @Override
    public boolean equals(Object o) {
        return o instanceof Binary other && other.subtype == subtype && Arrays.equals(other.data, data);
    }

    @Override
    public int hashCode() {
        return 31 * subtype + Arrays.hashCode(data);
    }
}
