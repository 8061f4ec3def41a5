package io.h2conn.codec;

import com.esotericsoftware.kryo.KryoException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Says in a sentence what Kryo's exceptions say in many, one around the other. */
final class KryoErrors {
    private static final String TRACE = "Serialization trace:";
    private static final int SHOWN_LEVELS = 3;

    private KryoErrors() {}

    static Throwable root(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    static CodecException explain(Throwable failure, Throwable root) {
        return new CodecException(reason(root) + where(failure), root);
    }

    private static String reason(Throwable root) {
        if (root instanceof StackOverflowError) {
            return "it is nested too deeply for the stack of this thread";
        }
        String text = beforeTrace(root);
        if (text.startsWith("Max depth exceeded")) {
            return text.replace("Max depth exceeded:", "it is nested deeper than")
                    + " objects, or refers to itself; see maxDepth and references of the codec's builder";
        } else if (text.startsWith("Encountered unregistered class ID")) {
            return text + "; both sides must register the same classes in the same order";
        }
        return root instanceof KryoException || root.getMessage() == null
                ? text
                : text + " (" + root.getClass().getSimpleName() + ")";
    }

    private static String beforeTrace(Throwable e) {
        String text = e.getMessage();
        if (text == null) {
            return e.getClass().getSimpleName();
        }
        int trace = text.indexOf(TRACE);
        return (trace < 0 ? text : text.substring(0, trace)).strip();
    }

    /** The innermost fields, of all those on the way to the failure. */
    private static String where(Throwable failure) {
        @Nullable String text = failure instanceof KryoException ? failure.getMessage() : null;
        int trace = text == null ? -1 : text.indexOf(TRACE);
        if (text == null || trace < 0) {
            return "";
        }
        String[] levels = text.substring(trace + TRACE.length()).strip().split("\n", SHOWN_LEVELS + 1);
        return "; in " + String.join(" of ", Arrays.asList(levels).subList(0, Math.min(levels.length, SHOWN_LEVELS)));
    }
}
