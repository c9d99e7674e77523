package dev.polyshift.standin.wire;

import java.util.concurrent.atomic.AtomicInteger;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import dev.polyshift.standin.bson.BsonWriter;

/** Manual: https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/ */
final class ReplyEncoder {

    private static final AtomicInteger IDS = new AtomicInteger();

    private ReplyEncoder() {
    }

    /** Runs on the connection's own thread, so that a large reply holds up nobody else. */
    static ByteBuf encode(Reply reply) {
        BsonWriter writer = new BsonWriter(1024);
        writer.int32(0);
        writer.int32(IDS.incrementAndGet());
        writer.int32(reply.responseTo());
        if (reply.legacy()) {
            writer.int32(RequestDecoder.OP_REPLY);
            writer.int32(8);
            writer.int64(0);
            writer.int32(0);
            writer.int32(1);
        } else {
            writer.int32(RequestDecoder.OP_MSG);
            writer.int32(0);
            writer.int8(0);
        }
        writer.document(reply.document());
        writer.patchInt32(0, writer.length());
        return Unpooled.wrappedBuffer(writer.array(), 0, writer.length());
    }
}
