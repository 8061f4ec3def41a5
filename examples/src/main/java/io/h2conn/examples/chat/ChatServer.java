package io.h2conn.examples.chat;

import io.h2conn.examples.cli.ServerOptions;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Serves one room. */
@Command(
        name = "chat-server",
        description = {"Lets any number of users talk in one room.", "Ends with ctrl-C or SIGTERM."})
public final class ChatServer implements Callable<Integer> {
    @Mixin
    private final ServerOptions options = new ServerOptions();

    @Mixin
    private final CodecOption codec = new CodecOption();

    /** Makes the program. */
    public ChatServer() {}

    @Override
    public Integer call() throws Exception {
        Room room = new Room(codec.codec());
        return options.serve(server -> server.handle("/", room::serve));
    }
}
