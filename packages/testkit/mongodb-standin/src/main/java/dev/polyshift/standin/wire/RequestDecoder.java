package dev.polyshift.standin.wire;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import de.bwaldvogel.mongo.bson.Document;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;

import dev.polyshift.standin.bson.BsonReader;

/** Manual: https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/ */
final class RequestDecoder extends LengthFieldBasedFrameDecoder {

    static final int MAX_MESSAGE_BYTES = 48_000_000;
    static final int OP_REPLY = 1;
    static final int OP_MSG = 2013;
    private static final int OP_QUERY = 2004;
    private static final int HEADER = 16;
    private static final int CHECKSUM_PRESENT = 1;
    private static final int MORE_TO_COME = 2;

    RequestDecoder() {
        super(java.nio.ByteOrder.LITTLE_ENDIAN, MAX_MESSAGE_BYTES + 16384, 0, 4, -4, 0, true);
    }

    @Override
    protected Object decode(ChannelHandlerContext context, ByteBuf in) throws Exception {
        ByteBuf frame = (ByteBuf) super.decode(context, in);
        if (frame == null) {
            return null;
        }
        try {
            byte[] bytes = new byte[frame.readableBytes()];
            frame.readBytes(bytes);
            return request(bytes);
        } finally {
            frame.release();
        }
    }

    private static Request request(byte[] bytes) throws IOException {
        BsonReader reader = new BsonReader(bytes, 4);
        int requestId = reader.int32();
        reader.int32();
        int opCode = reader.int32();
        if (opCode == OP_MSG) {
            return message(reader, requestId, bytes.length);
        } else if (opCode == OP_QUERY) {
            reader.int32();
            String namespace = reader.cstring();
            reader.int64();
            Document query = reader.document();
            Object wrapped = query.get("$query");
            Document command = wrapped instanceof Document document ? document : query;
            return new Request(requestId, namespace.substring(0, namespace.indexOf('.')), command, true, false);
        }
        throw new IOException("opcode " + opCode + " is not carried");
    }

    private static Request message(BsonReader reader, int requestId, int length) throws IOException {
        int flags = reader.int32();
        int end = (flags & CHECKSUM_PRESENT) != 0 ? length - 4 : length;
        Document command = null;
        Document sequences = new Document();
        while (reader.position() < end) {
            byte kind = reader.int8();
            if (kind == 0) {
                command = reader.document();
            } else if (kind == 1) {
                int sectionEnd = reader.position() + reader.int32();
                String name = reader.cstring();
                List<Object> documents = new ArrayList<>();
                while (reader.position() < sectionEnd) {
                    documents.add(reader.document());
                }
                sequences.put(name, documents);
            } else {
                throw new IOException("unknown section kind " + kind);
            }
        }
        if (command == null || !(command.get("$db") instanceof String database)) {
            throw new IOException("OP_MSG without a body or $db at byte " + HEADER);
        }
        command.putAll(sequences);
        return new Request(requestId, database, command, false, (flags & MORE_TO_COME) != 0);
    }
}
