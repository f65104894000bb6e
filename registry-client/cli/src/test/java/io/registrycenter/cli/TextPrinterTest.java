package io.registrycenter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.client.Change;
import io.registrycenter.client.InstanceStatus;
import io.registrycenter.client.RemovalReason;
import org.junit.jupiter.api.Test;

class TextPrinterTest {
    @Test
    void all_plain_isReadableAndWithoutControlCharacters() {
        assertThat(Samples.printed(out -> new TextPrinter(out, Style.PLAIN), Samples::all))
                .containsExactly(
                        "connected to node-a (127.0.0.1:9090)",
                        "resumed at revision 17 on node-a (127.0.0.1:9090)",
                        "lost: PEER_RESET (peer), next attempt in 0.7 s",
                        "stale for 3.0 s, 2 instances kept",
                        "SERVICE  ID  STATUS  ENDPOINTS            ZONE  WEIGHT  REVISION  METADATA",
                        "orders   a1  UP      grpc=127.0.0.1:7001  z1    100     17        note=\"?[31m?,track=blue",
                        "1 instance of default/orders at revision 17, INITIAL",
                        "+ orders/a1  UP  grpc=127.0.0.1:7001  note=\"?[31m?,track=blue  revision 17",
                        "- orders/a1  SESSION_EXPIRED  revision 18",
                        "registered default/orders/a1 at revision 17",
                        "deregistered default/orders/a1",
                        "default/orders/a1 is not ours any more: REPLACED",
                        "SERVICE  INSTANCES  UP",
                        "orders   2          1",
                        "1 service in default at revision 17",
                        "SERVICE  ID  STATUS  ENDPOINTS            ZONE  WEIGHT  REVISION  METADATA",
                        "orders   a1  UP      grpc=127.0.0.1:7001  z1    100     17        note=\"?[31m?,track=blue",
                        "1 instance at revision 17, stale: the server has lost its store");
    }

    @Test
    void change_coloured_paintsWholeLines() {
        assertThat(Samples.printed(out -> new TextPrinter(out, Style.COLOURED), printer -> {
                    printer.change(
                            new Change.Put(Samples.INSTANCE.withStatus(InstanceStatus.LEAVING), Samples.INSTANCE, 18));
                    printer.change(new Change.Removal(Samples.INSTANCE, RemovalReason.ADMIN, 19));
                }))
                .satisfiesExactly(
                        line -> assertThat(line)
                                .startsWith("\u001b[33m~ orders/a1  LEAVING")
                                .endsWith("\u001b[0m"),
                        line -> assertThat(line).isEqualTo("\u001b[31m- orders/a1  ADMIN  revision 19\u001b[0m"));
    }

    @Test
    void of_auto_coloursOnlyATerminalWithoutNoColor() {
        assertThat(Style.of(Style.When.AUTO, true, false)).isEqualTo(Style.COLOURED);
        assertThat(Style.of(Style.When.AUTO, false, false)).isEqualTo(Style.PLAIN);
        assertThat(Style.of(Style.When.AUTO, true, true)).isEqualTo(Style.PLAIN);
        assertThat(Style.of(Style.When.ALWAYS, false, true)).isEqualTo(Style.COLOURED);
        assertThat(Style.of(Style.When.NEVER, true, false)).isEqualTo(Style.PLAIN);
    }
}
