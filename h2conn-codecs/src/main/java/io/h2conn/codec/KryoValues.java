package io.h2conn.codec;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import com.esotericsoftware.kryo.serializers.ImmutableSerializer;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Date;

/** Values of the JDK for which Kryo's own serializers do not do. */
final class KryoValues {
    private KryoValues() {}

    /** Kryo's own loses the offset where the clocks are turned back, and an hour is there twice. */
    static final class ZonedDateTimes extends ImmutableSerializer<ZonedDateTime> {
        @Override
        public void write(Kryo kryo, Output output, ZonedDateTime time) {
            output.writeLong(time.toEpochSecond());
            output.writeVarInt(time.getNano(), true);
            output.writeInt(time.getOffset().getTotalSeconds(), false);
            output.writeString(time.getZone().getId());
        }

        @Override
        public ZonedDateTime read(Kryo kryo, Input input, Class<? extends ZonedDateTime> type) {
            long seconds = input.readLong();
            int nanos = input.readVarInt(true);
            ZoneOffset offset = ZoneOffset.ofTotalSeconds(input.readInt(false));
            ZoneId zone = ZoneId.of(input.readString());
            // Not by the instant alone: the peer's rules for the zone may be others than ours.
            return ZonedDateTime.ofInstant(LocalDateTime.ofEpochSecond(seconds, nanos, offset), offset, zone);
        }
    }

    /** Kryo's own needs the module {@code java.sql}. */
    @SuppressWarnings("JavaUtilDate") // those who still have one want it back
    static final class Dates extends ImmutableSerializer<Date> {
        @Override
        public void write(Kryo kryo, Output output, Date date) {
            output.writeVarLong(date.getTime(), true);
        }

        @Override
        public Date read(Kryo kryo, Input input, Class<? extends Date> type) {
            return new Date(input.readVarLong(true));
        }
    }

    /** Something of which there is only one: no bytes. */
    static final class Constants<T> extends ImmutableSerializer<T> {
        private final T constant;

        Constants(T constant) {
            this.constant = constant;
        }

        @Override
        public void write(Kryo kryo, Output output, T object) {
            // its class says it all
        }

        @Override
        public T read(Kryo kryo, Input input, Class<? extends T> type) {
            return constant;
        }
    }
}
