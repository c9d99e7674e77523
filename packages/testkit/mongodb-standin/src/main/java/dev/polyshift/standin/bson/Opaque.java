package dev.polyshift.standin.bson;

import java.util.Arrays;

/** A value of a deprecated BSON type (undefined, DBPointer, symbol, code with scope), kept byte for byte. */
public record Opaque(byte type, byte[] raw) {

    public static final byte UNDEFINED = 0x06;

    @Override
    public boolean equals(Object o) {
        return o instanceof Opaque other && other.type == type && Arrays.equals(other.raw, raw);
    }

    @Override
    public int hashCode() {
        return 31 * type + Arrays.hashCode(raw);
    }
}
