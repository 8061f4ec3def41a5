package io.h2conn.examples.chat;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.h2conn.codec.Codec;
import io.h2conn.codec.JsonCodec;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What goes over the wire. As JSON, unless {@code --codec} says otherwise, one object each, told apart by its {@code type}:
 *
 * <pre>
 * client                                 server
 * {"type":"login","name":"ann"}    -->
 *                                  &lt;--  {"type":"welcome","users":["bob"]}
 *                                        or {"type":"refused","reason":"..."}, and the end
 * {"type":"post","message":"hi"}   -->
 *                                  &lt;--  {"type":"post","user":"ann","time":"2024-05-06T07:08:09Z","message":"hi"}
 *                                  &lt;--  {"type":"notice","time":"2024-05-06T07:08:10Z","message":"bob left"}
 * </pre>
 *
 * <p>The login comes first. Everybody gets every post, its author too. The client ends its half to leave, and the server
 * ends its own when it has sent what there was to send.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = ChatMessage.Login.class, name = "login"),
    @JsonSubTypes.Type(value = ChatMessage.Welcome.class, name = "welcome"),
    @JsonSubTypes.Type(value = ChatMessage.Refused.class, name = "refused"),
    @JsonSubTypes.Type(value = ChatMessage.Post.class, name = "post"),
    @JsonSubTypes.Type(value = ChatMessage.Notice.class, name = "notice")
})
@JsonInclude(JsonInclude.Include.NON_NULL)
public sealed interface ChatMessage {
    /** Bytes. The largest message; the text of a post is much shorter. */
    int MAX_BYTES = 64 * 1024;

    /** The messages as JSON. */
    Codec<ChatMessage> JSON = JsonCodec.of(ChatMessage.class).withMaxMessageBytes(MAX_BYTES);

    /**
     * Asks to be let in.
     *
     * @param name who the user wants to be
     */
    record Login(@Nullable String name) implements ChatMessage {}

    /**
     * The user is in.
     *
     * @param users who else is there
     */
    record Welcome(List<String> users) implements ChatMessage {}

    /**
     * The user is not let in.
     *
     * @param reason why
     */
    record Refused(String reason) implements ChatMessage {}

    /**
     * Something that a user said.
     *
     * @param user who; the server fills it in
     * @param time when; the server fills it in
     * @param message what
     */
    record Post(
            @Nullable String user,
            @Nullable Instant time,
            @Nullable String message) implements ChatMessage {}

    /**
     * Something that the server says.
     *
     * @param time when
     * @param message what
     */
    record Notice(Instant time, String message) implements ChatMessage {}
}
