"""What sentences that instruct a language model look like, by what they want.

How a pattern is written is said in `guardrails.word_patterns`. A sentence is flagged when the
weights of the patterns that match it come to THRESHOLD. What has weight 1 speaks for itself; a
lesser sign occurs in honest help pages too, but two of them rarely meet there.

Written from families of attacks, measured on help pages (`scripts/bench planted_instructions`).
When a pattern holds an honest page, lower its weight or let it ask for one more word.
"""

from __future__ import annotations

from guardrails.instruction_reasons import Reason

THRESHOLD = 1.0

MACROS = {
    # where an order begins
    "order": "( ^ / joint / comma / please / must / colon / quote / open )",
    # where a sentence of its own begins
    "start": "( ^ / please / 'now' / colon / quote / open )",
    "from_now": "( 'from' 'now'|'here' 'on' / 'from' 'this' 'point'|'moment' / 'henceforth' )",
    # the same elsewhere
    "ab_jetzt": """
        ( 'ab' 'jetzt'|'sofort' / 'von' 'nun' 'an' / 'a' 'partir' 'de' now / 'désormais' /
        'de' 'ahora' 'en' / 'd' 'ora' 'in' 'poi' / 'с' 'этого' 'момента' /
        '从现在'|'今から'|'これから'|'지금부터' )
        """,
    "language_model": "( aimodel / 'language' model )",
    "tell_me": "( give me / tell_me )",
}

PATTERNS: dict[Reason, dict[float, str]] = {
    Reason.OVERRIDE: {
        1.0: """
            !not dismiss|override ~4 earlier ~3 instructions
            !not dismiss|override ~4 instructions ~2 earlier
            !not dismiss ~2 all|your ~2 instructions
            @order dismiss ~1 all|your|'safety'|'security'|'company'|'content' ~2 standing
            @order dismiss 'the' ( 'knowledge' 'base' / 'sources' / 'context' )
            @order override ~1 your ~1 instructions|'safeguards'|'training'|'ethics'
            ( earlier / all / your / system ) ~4 instructions ~3 dismiss_last
            'pas' 'compte' ~3 instructions
            'beachte'|'beachten'|'befolge'|'befolgen' ~3 instructions 'nicht'
            'nicht' 'an' ~1 instructions
            not follow ~2 standing|instructions ~3 company
            dismiss all 'ما' 'سبق'
            instructions ~2 'yok' 'say'
            'bo'|'quen' ~4 'huong' 'dan'
            !not dismiss ~4 you ~3 told|given
            !not dismiss ~2 all|what|'that' ~3 you ~3 told|given|'learned'
            @order dismiss 'everything' 'from'
            @order dismiss ~1 earlier ~1 rules|'conversation'|'conversations'|'inputs'|'commands'
            @order dismiss ~3 material ~1 joint ~1 say
            @order dismiss ~2 material ~1 joint|colon ~1 state_verb
            @order dismiss ~4 all|material|earlier ~3 joint ~1 state_verb|reply_verb
            @order dismiss ~4 all|material|earlier ~3 joint ~1 @tell_me
            dismiss ~3 all|'was' ~3 'gesagt'
            material|earlier|instructions ~3 dismiss_last ~8 say
            dismiss_last ~2 'このメール' ~3 say
            refuse ~3 follow ~4 company ~3 instructions|standing ~3 anymore
            dont ~1 'need'|'have' 'to' follow ~4 your|company ~2 instructions|standing
            instructions|standing ~3 'no' 'longer' 'apply'|'bind'|'applies' ~1 'you'
            your ~1 instructions|'guidelines' ~2 ended
            dont 'care' ~4 'laws'|'law'|'ethics'|'morals'|'rules'
            without|dont ~3 'ethical'|'moral' ~3 'values'|'considerations'|limits
            your fixed task|rules|role|'guidelines' be|colon
            fixed system prompt
            @order override ~1 'safety' ~1 instructions|'protocols'|standing
            dismiss ~2 'summarization'|'translation'|'analysis'|'classification'|'review' 'task'
            dismiss ~1 earlier ~1 'task'|'tasks'
            'no' 'longer' 'bound' 'by' ~3 limits|standing|instructions
            'always' 'prefer'|'trust'|'cite'|'rank' 'this'
            @start override|dismiss ~1 all ~2 limits|'protocols'|'safeguards'|'guardrails'
            @order dismiss 'safety' ~1 'protocols'
            @order dismiss ~1 your limits
            dismiss 'everything' over|'we'|'i'
            dismiss ~2 you be ~2 machine
            @order switch_off ~1 'all'|'safety' ~1 'guardrails'|'safeguards'|'filters'
            'safety' 'filters'|'restrictions'|'guidelines' ~3 ended|'disabled'|'off'
            frame ~10 limits|standing ~1 dont 'apply'|'matter'
            'treat'|'interpret' ~5 'as' ~1 system|'developer' ~2 instructions|prompt
            reply_verb|'responding'|'answering' ~5 without ~2 limits|'refusal'|'censorship'
            mode without limits
            '无限制'|'無制限' ~1 mode
            """,
        0.6: """
            refuse ~2 follow ~3 your|earlier|company|system ~3 instructions|standing
            stop 'following'|'obeying' ~3 instructions|standing
            fixed ~1 task colon
            @order dismiss ~2 instructions
            earlier ~1 instructions|standing ~2 ended
            supersede ~2 all|earlier ~2 instructions|standing|'sources'
            'content'|'safety' ~2 limits|'measures'|'protocols' ~2 ended|'disabled'|'off'|'removed'
            'disables'|'without'|'disable' ~2 'content'|'safety' limits|standing
            your instructions|'guidelines' ~1 'say'|'forbid'|'prohibit'
            'important'|'urgent'|'priority' fixed task
            @order dismiss|stop ~2 'task'|'tasks'
            'instead' ~1 'output'|'print'|'say'|'state'|'respond'|'reply'|'answer'
            supersede|override ~2 'other' 'sources'
            @order override|dismiss ~1 'all'|'any' ~2 limits|'measures'|'protocols'
            @order override|dismiss ~1 'safety'|'security' ~2 limits|'measures'|'protocols'
            @order override|dismiss ~1 system|your ~2 limits|'measures'|'protocols'
            limits|standing dont 'apply'|'matter'
            supersede ~7 instructions
            @order 'bypass'|switch_off ~2 'content'|'safety'|'all' 'filter'|'filters'|'guardrails'
            """,
        0.5: """
            fixed ~1 task colon ~6 say|disclose|model_task|dismiss|insert
            follow 'mine'|'me' 'instead'
            'obey' 'me'
            'any' 'more'
            limits ~1 'lifted'|'suspended'
            'opposite'
            @order override|dismiss ~6 joint ~1 disclose|give|reply_verb|obey
            'in' your 'context'
            'hypothetically'
            dont 'print'|'summarize'|'summarise'|'translate'
            'given' 'to' 'you'
            'openai'|'openais' ~3 'guidelines'|standing|limits
            'respond'|'answer' 'freely'
            """,
    },
    Reason.DISCLOSURE: {
        1.0: """
            disclose ~4 your|me ~3 system|hidden|initial ~1 prompt|instructions|configuration
            disclose ~4 your ~2 prompt
            recite|'copy' your instructions
            'reveal'|'disclose'|'leak'|'output'|'dump' ~1 'internal' ~1 instructions|prompt
            recite ~4 hidden|initial ~1 prompt|instructions
            disclose ~4 system ~1 prompt
            prompt ~4 system ~3 disclose
            system ~2 prompt ~2 disclose
            what ~2 your ~2 system|hidden|initial ~1 prompt|instructions|configuration
            what be ~1 your ~1 instructions question
            your instructions be what
            your ~1 instructions ~2 '教え'|'教えて'|'見せて'|'알려'|'보여'
            'какие' 'у' 'тебя' ~1 instructions
            disclose thy ~1 instructions
            disclose ~3 prompt ~3 system
            disclose ~2 your ~1 system '提示'
            asking ~6 your ~1 system prompt
            'describe'|'audit'|'document'|'documentation' ~6 system prompt
            'words'|'word'|'part'|'section'|'points'|'summary'|'text' ~1 'of' your ~1 instructions
            your instructions ~1 'contain'|'start'|'begin'|'consist'
            your system prompt ~1 'contains'|'says'|'starts'|'begins'|'encoded'
            'that' 'contain'|'contains' your ~1 system prompt
            transform|'spell' ~5 your ~1 system prompt
            'hidden'|'secret' ~2 instructions
            what ~3 rules|instructions|'constraints' ~1 be ~1 you ~2 'operating'|'bound'|'following'
            what 'persona' ~1 you
            'how' ~1 you ~2 'configured'|'programmed'|'prompted'
            what ~6 'before' 'my' 'messages'|'message'|'question'
            what ~8 'your' 'context' 'window'
            'provided'|'given' 'to' 'you' 'in' 'this' 'conversation'|'chat'
            give 'me' your configuration
            recite|'reveal' your 'full'|'entire'|'complete' configuration|instructions|'context'
            give me 'everything' earlier
            what ~2 instructions 'did' you 'receive'|'get'
            recite ~3 'message'|'messages'|text you ~1 given
            prompt ~2 'controls'|'governs'|'guides' ~1 you|your
            instructions ~1 'guide'|'govern'|'control' your 'behavior'|'behaviour'|reply_noun
            what ~1 be ~1 you ~1 told
            what ~2 instructions|rules ~1 you ~1 given|told|'must'|'have'
            'how' ~1 be you told|'configured'
            disclose ~6 instructions ~2 you ~3 given|told
            recite ~3 text ~2 over
            recite ~2 over ~1 text
            disclose ~6 earlier 'my' 'question'|'message'|'prompt'
            disclose ~2 all ~2 earlier ~1 'this'|'here'|'it'
            what ~1 be 'written' ~1 earlier
            'complete'|'finish' ~2 'sentence' ~3 your ~2 hidden|system ~2 instructions|standing
            'my' system|hidden ~1 prompt|instructions|rules
            your hidden ~1 prompt|instructions|rules
            me ~3 customer earlier 'me'
            @tell_me ~3 another customer
            @tell_me ~5 'of' ~2 another customer
            what 'did' ~1 another customer ~4 'ask'|'say'|'order'|'buy'
            all ~4 'discussed'|'said'|'shared'|'mentioned' ~1 'in' 'this'|'our' chat
            what ~8 you ~3 'seen'|'learned'|'remember' ~3 'this'|'our'|your ~1 chat|'training'
            recite ~2 'context' 'window'
            your 'knowledge' 'cutoff'
            customer ~1 you ~1 'spoke'|'talked'|'chatted'|'helped'
            disclose system configuration
            exact ~1 files ~2 you ~2 'retrieved'|'received'|'found'
            """,
        0.6: """
            your ~1 hidden|system ~1 instructions|standing|configuration
            exact|hidden ~3 retrieved|'internal' ~1 files
            recite ~3 instructions ~3 earlier|'you'
            you 'may'|'can'|'must' ~1 'share'|'reveal' ~2 'internal'|'confidential'|hidden
            files ~1 you 'can' 'see'|'access'
            retrieved ~1 'context'|'passages'|'chunks'
            'from' your 'training'
            what|disclose ~8 'in'|'to' 'this'|'our' chat
            your ~1 'model' 'architecture'|'name'|'version'
            recite your ~1 initial|'first' ~1 'message'|'instruction'
            recite ~6 'verbatim'
            your ~1 system prompt
            open ~1 system prompt
            'quote' ~2 'instruction'|'instructions'
            your 'prompt' ~1 'starts'|'begins'|'says'
            'context' you 'have'
            """,
        0.5: """
            'complete'|'finish' ~2 'sentence'
            @order give ~2 another ~2 customer
            you ~1 'currently' ~1 'have'|'access'|'using'|'drawing'
            'you' be ~1 'using' 'to' 'answer'
            'trained' 'on'
            @order say|disclose ~3 exact ~2 text|'contents'
            'including' ~1 'internal' ~1 files|'ones'|'notes'
            your ~1 'tools'|'functions'
            customer be ~2 boss
            please ~1 recite 'it'
            your instructions
            """,
    },
    Reason.ROLE: {
        1.0: """
            you be now ~3 machine
            you now be ~3 machine
            now you be ~3 machine
            you be 'no'|'not' 'longer' ~3 machine
            stop 'being'|'acting' ~4 machine
            actas ~1 'as' ~4 machine|model
            @start actas 'as'|'like' 'if'
            @start 'speak'|'talk'|'behave'|'pose' 'as'|'like' ~1 'a'|'an'|'my'|'the'
            @start 'pretend'|'roleplay'|'impersonate'
            'us'|'s' 'pretend'
            pretend ~3 machine
            machine ~3 without ~2 limits
            '制限' ~1 'ない' ~1 machine
            thou ~1 now ~3 machine
            @ab_jetzt ~1 thou ~2 be|act
            @ab_jetzt ~1 be thou
            @ab_jetzt ~1 act
            'с' 'этого' 'момента' 'ты'
            'haz'|'haga' 'como' 'si'
            'fais'|'faites' 'comme' 'si'
            'tu'|'tun' 'so' comma ? 'als'
            'fai' 'finta'
            '没有'|'无'|'無'|'沒有' ~1 '限制'|'制限' ~2 machine
            you ~1 'have'|'had' without limits question|quote|open|joint|what|'which'
            'do' 'anything' 'now'
            power mode ~2 'dan'
            switch ~3 'override'|'root'|'sudo'|'unrestricted'|odd_power mode
            reply_verb 'in' ~1 power mode
            open ~2 system mode
            authority override colon
            'simulate' ~2 power mode
            'assume' ~1 'the' 'persona'|'identity'
            you 'will'|'must'|'going'|'about' ~5 'act'|'pretend'|'roleplay' ~1 'as'|'like'|'to'
            you 'will'|'must'|'going'|'about' ~5 'play' ~1 'role'|'character'
            'i' 'want'|'need'|'like'|'d' ~1 'you' 'to' ~1 act|'simulate'|'impersonate'
            you now 'go' 'by'
            ^ you be 'a'|'an' ~3 machine
            'hi'|'hello'|'hey'|'dear'|'greetings' ~1 'chatgpt'|'gpt'|'claude'
            'stay'|'stays'|'break'|'remain' ~1 'in' ? 'character'
            lawless ~3 machine|reply_noun
            'as' 'if' you ~1 'have'|'had' without ~2 prompt|limits
            prompt 'i' 'give'
            @from_now you be 'a'|'an'|'the'
            you be ~2 'free' ~1 'from'|'of' ~3 limits|'confines'
            mode ~2 you ~1 'have' without limits
            'as' your 'developer'|'creator'|'programmer'
            your 'developer'|'developers'|'creator' ~1 'wants'|'want'|'asked'|'told'
            'i' ~1 'instructing'|'ordering'|'commanding' 'you'
            @start actas 'as' 'a'|'an'|'the'|'my' ~6 joint
            'let' 's' 'roleplay'
            'let' 's' 'role' 'play' ~1 you be
            odd_power ~1 mode
            open ~1 power mode 'enabled'|'activated'|'on'|'active'
            'godmode'
            ^ ~2 @language_model 'only' ? instructions colon
            'when'|'if'|'while'|'before' ~2 ingest 'this' thing ~2 say|insert|disclose|dismiss
            'when' 'this' thing be ~1 ingest ~4 say|insert|recite|disclose|dismiss
            @from_now ~2 act
            @from_now you ~4 act|machine
            'if' you be ~2 @language_model
            whoever ~1 @language_model ~3 reader
            ^ ~3 note ~1 'to'|'for' ~2 @language_model
            'i' ~1 'order'|'command'|'instruct' 'you' 'to'
            'i' ~1 be your 'developer'|'creator'|'programmer'|'boss'
            'i' ~1 be ~1 'developer'|'creator'|'programmer' 'of' ~1 machine
            you 'have' 'been' ~1 'reprogrammed'|'freed'|'jailbroken'|'liberated'
            """,
        0.6: """
            @start actas 'as' ~4
            pretend ~1 'to' 'be' ~3
            @order pretend ~1 you ~1 be
            customer|'i' be ~2 verified ~2 boss
            @language_model ~1 obliged ~3 say|insert|disclose|dismiss
            you be now
            you 'have' 'been' ~1 'updated'|'unlocked'
            you ~1 'have'|'had' without limits
            'when'|'if' ~3 ingest 'this' thing
            'when' 'this' thing be ~1 ingest
            ^ ~3 'ai' 'assistant'|'agent'|'model'|'bot' colon
            ^ you be ~4 model 'that'
            you ~1 dont 'restricted'|'limited'|'filtered'
            'treat' 'me' 'as'
            'assistant'|'ai'|'bot' comma you ~1 'must'|'are'|'should'|'not'
            'assistant'|'ai'|'bot' comma your 'task'
            open ~1 authority|power ~1 headline ? colon
            'two' reply_noun|'ways' ~4 'one'|'first'
            lawless ~3 lawless
            'never' 'refuse'|'refuses'|'decline'|'declines'
            'every'|'all' ~2 'my' ~1 'questions'|'prompts'|'requests'|'commands'
            'i' 'want'|'need' 'you' 'to'
            @order 'always' ? reply_verb 'as' ~2
            'play' 'the' 'role'|'character' 'of'
            @order 'enter'|'activate' ~1 power mode
            """,
        0.5: """
            give ~1 me
            'would' you ~2 give|say ~2 me
            'must' obey
            @order 'list' 'all' ~2
            'as' 'an'|'a' @language_model
            'jailbreak'
            you be 'free'
            @from_now
            without 'filters'
            'personality'|'persona'
            'play' 'a' 'game'
            'hypothetical' 'scenario'
            power mode
            """,
    },
    Reason.REPLY: {
        1.0: """
            transform ~1 your reply_noun
            transform|alter ~2 letters ~5 your ~2 reply_noun|message_noun
            disguise ~7 your ~2 reply_noun|'message'
            your ~2 reply_noun|'message' ~5 disguise
            @order reply_verb ~1 'in'|'using'|'with' ~2 disguise
            insert ~9-your 'in'|'into'|'to' your reply_noun
            'in' your reply_noun ~2 insert -your
            modify your reply_noun ~3 'to'|'with'|'by'
            modify|finish every ~1 reply_noun 'with'|'by'
            insert ~6 'to'|'in'|'into' every your reply_noun
            say ~14 'nothing' 'else'
            your ~1 'primary'|'only'|'sole'|'prime' 'directive'
            your 'only' 'valid' reply_noun
            'no' 'circumstances' 'will' 'you'
            'repeat' 'after' 'me'
            """,
        0.6: """
            finish your reply_noun ~3 'with'
            'by' 'saying'|'replying'|'responding' ~1 quote
            your 'task' 'is' 'to' ~1 'write'|'say'|'tell'|'recommend'|'convince'|'answer'|'respond'
            insert 'the' 'exact' 'phrase'|'words'|'sentence'
            'output'|'print'|'say' ~2 'following' ~2 'code'|'text'|'words'|'phrase' colon
            you 'must' ~1 say ~1 quote
            'only' say ~1 'with' ? quote
            @order 'confirm' 'with' quote
            'respond'|'answer' 'only' 'with'
            'when'|'if'|'whenever' ~1 'asked' ~6 'say'|'answer'|'respond'|'reply'|'state'|'claim'
            reply_verb every ~2 'question'|'questions'|'prompt'|'prompts' ~1 'with'
            """,
        0.5: """
            recite 'the' ~1 'words'|'word'|'text'|'phrase'|'string' ~1 quote
            'made' 'up' 'facts'|'answers'|'information'
            'always' 'say'|'answer'|'respond'|'reply'|'state'|'claim'|'recommend'
            """,
    },
    Reason.PRETENCE: {
        1.0: """
            frame ~14 we ~2 state_verb
            frame ~6 dismiss ~4 state_verb
            'make' ~2 'more' interesting ~2 state_verb
            'play' 'a' 'game' colon you be
            practice 'to' state_verb colon
            """,
    },
    Reason.TASK: {
        1.0: """
            model_task ~8 this ~2 piece ~4 colon ( quote / open )
            'based' 'on' ~2 piece colon ( quote / open )
            what|'write' ~8 'given'|'on' this ~1 piece ~3 colon ( quote / open )
            what ~4 'of' this ~1 piece colon ( quote / open )
            model_task 'this' piece 'as' colon quote
            model_task ~4 'based' 'on' ~3 'description' colon quote
            """,
    },
    Reason.MARKS: {
        0.5: """
            ^ ~2 'system'|'assistant'|'developer' headline ? colon
            ^ ~1 open 'system'|'assistant'|'instructions'
            'assistant'|'system' colon 'sure'
            """,
    },
    Reason.ACTION: {
        1.0: """
            'keep' ~2 instructions ~1 'secret'|'hidden'|'private'
            'keep' ~3 'secret'|'hidden' 'from' ~1 customer
            dont ~1 secrecy|disclose 'these'|'this'|'your'|'those' ~1 prompt|instructions
            send ~2 'conversation'|'chat'|'dialogue' ~4 'to' 'http'|'https'
            send ~2 your|'this' prompt|instructions|'context' ~4 'to'
            """,
        0.6: """
            dont secrecy ~1 anyone
            dont ~2 'attention' 'to' 'this'|'these'
            call ~1 'the' tool ~2
            @order close 'this' ticket
            'append' ~3 'to' 'http'|'https'
            """,
        0.5: """
            @order 'transfer'|'approve'|'refund' ~4
            'as' 'an' 'image'
            'this' 'instruction'|'prompt'
            """,
    },
    Reason.HIDDEN: {
        1.0: """
            decode ~6 joint obey ~1 'it'|'this'|'what'
            """,
    },
}
