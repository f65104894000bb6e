package io.registrycenter.config;

/** A setting, or two that do not go together: the message is one sentence that names both values and the rule. */
public final class SettingRefused extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public SettingRefused(String sentence) {
        super(sentence);
    }
}
