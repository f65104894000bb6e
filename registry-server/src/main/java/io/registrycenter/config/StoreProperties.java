package io.registrycenter.config;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The history.
 *
 * @param newEpoch start a new epoch with the data that is there: say it once, after a copy was put back
 * @param historyAge commits younger than this stay on disk, so that watchers resume by delta after a restart
 * @param historyMaxBytes more than this is never kept on disk: the oldest commits go even when they are younger
 * @param freeSpaceWarning fewer bytes free than this on the file system of the data directory are said in the log; 0: never
 */
@ConfigurationProperties(prefix = "registry.store")
public record StoreProperties(
        @DefaultValue("false") boolean newEpoch,
        @DefaultValue("10m") @Range(min = "1m", max = "24h") Duration historyAge,

        @DefaultValue("1GB") @Range(min = "1MB", max = "1TB")
        DataSize historyMaxBytes,

        @DefaultValue("256MB") @Range(min = "0B", max = "1TB")
        DataSize freeSpaceWarning) {}
