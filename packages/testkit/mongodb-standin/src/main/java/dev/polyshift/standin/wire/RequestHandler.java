package dev.polyshift.standin.wire;

import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;

import de.bwaldvogel.mongo.bson.Document;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;

/** Runs the requests of one connection one after another, on that connection's own thread. */
final class RequestHandler extends SimpleChannelInboundHandler<Request> {

    private final CommandService service;
    private final int id;
    private final ExecutorService thread;
    private Connection connection;

    RequestHandler(CommandService service, int id, ThreadFactory threads) {
        this.service = service;
        this.id = id;
        this.thread = Executors.newSingleThreadExecutor(threads);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        connection = new Connection(id, (InetSocketAddress) context.channel().remoteAddress(),
            (InetSocketAddress) context.channel().localAddress());
        context.channel().closeFuture().addListener(done -> {
            connection.close();
            thread.execute(() -> service.disconnected(connection));
            thread.shutdown();
        });
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, Request request) {
        if (!thread.isShutdown()) {
            thread.execute(() -> answer(context, request));
        }
    }

    private void answer(ChannelHandlerContext context, Request request) {
        try {
            Document answer = service.run(connection, request.database(), request.command());
            if (!request.moreToCome()) {
                context.writeAndFlush(ReplyEncoder.encode(new Reply(request.requestId(), answer, request.legacy())));
            }
        } catch (Throwable e) {
            exceptionCaught(context, e);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!(cause instanceof java.io.IOException)) {
            System.err.println("connection " + id + " closed: " + cause);
            cause.printStackTrace();
        }
        context.close();
    }
}
