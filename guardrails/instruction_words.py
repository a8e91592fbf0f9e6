"""The vocabulary of sentences that instruct a language model, by what the words do in them.

A word that ends in `*` stands for every word that begins so. Words of scripts without spaces are
found inside a run of characters. A word may be in several classes. Accents and case do not matter:
`guardrails.disguises.folded` is applied to the vocabulary as to the texts.
"""

from __future__ import annotations

WORDS: dict[str, str] = {
    # ignore: a help page says it of a warning, an attacker of the rules
    "dismiss": """
        ignore disregard forget overlook neglect unlearn ignoriere ignorieren ignoriert vergiss
        vergesst vergessen missachte missachten ignorez ignorer oubliez oublie oublier négligez
        ignora ignorad ignorar olvida olvide olvidar olviden omite omita omiso descarta ignorem
        esqueça esquece esqueçam esquecer desconsidere desconsiderar ignorate ignori ignorare
        dimentica dimenticate dimenticare trascura negeer negeren vergeet ignorera glöm glem
        unohda ignoruj zignoruj zapomnij pomiń zapomeň игнорируй* игнорировать проигнорируй*
        забудь* ігноруй* проігноруй* abaikan lupakan تجاهل تجاهلي انس αγνόησε* ξέχασε* התעלם 忽略
        忽视 忽視 无视 無視 忘记 忘記 忘掉 不要理会
        """,
    # the same in languages where the verb comes last
    "dismiss_last": """
        無視 忘れて 忘れろ 忘れなさい 무시* 잊어* 잊으* 잊고 अनदेखा अनदेखी अवहेलना भूल नजरअंदाज
        yoksay* görmezden unut unutun
        """,
    "override": "override bypass circumvent overrule umgehe umgehen contournez",
    # what a model is steered by
    "instructions": """
        instruction* prompt prompts directive directives guideline guidelines programming
        guardrails anweisung* instruktion* vorgaben weisungen richtlinien programmier* consignes
        consigne instruccion* indicaciones directrices instruç* orientações diretrizes istruzion*
        direttive instructie* instrukcj* poleceń polecenia pokyny instrukce инструкц* указани*
        інструкц* вказівк* talimat* instruksi petunjuk perintah निर्देश* अनुदेश* تعليمات*
        التعليمات الأوامر 指令 指示 说明 說明 命令 提示词 プロンプト 지시* 명령* 프롬프트* 지침*
        คำสั่ง คำแนะนำ הוראות ההוראות οδηγίες
        """,
    "prompt": "prompt prompts sysprompt промпт* 提示词 提示詞 プロンプト 프롬프트*",
    # what else a text may be told to leave aside
    "material": """
        rule rules policy policies restrictions constraints context source sources document
        documents article articles page webpage website site email resume cv text function content
        contents story conversation training safeguards filters knowledge everything above message
        passage passages data description code table task regeln richtlinien quellen kontext seite
        webseite dokument funktion inhalt artikel règles politique contexte fonction contenu texte
        précède reglas políticas fuentes contexto página documento función contenido texto
        artículo regras fontes função conteúdo artigo acima regole fonti contesto pagina funzione
        contenuto testo sopra правил* источник* контекст* страниц* документ* выше 规则 規則 来源
        网页 页面 文档 上面 以上 上述 内容 文章 ルール 上記 ページ 文書 규칙* 문서* 위 ऊपर
        """,
    "standing": """
        rules policy policies restrictions safeguards filters training guidelines ethics base
        knowledge limitations políticas reglas правил* règles regras regole richtlinien regeln
        """,
    "earlier": """
        previous prior preceding earlier above before former past initial original foregoing
        existing preprogrammed vorherig* bisherig* vorangegangen* vorige vorigen obige obigen
        zuvor früheren précédent* antérieur* anterior* previa previas previo previos anteriormente
        precedent* prima sopra acima eerdere voorgaande poprzedni* wcześniejsz* předchozí tidigare
        tidligere предыдущ* прежн* предшеств* вышеуказ* ранее попередн* önceki* yukarıdaki
        sebelumnya trước पिछल* पूर्व पहले السابقة 之前 以前 先前 此前 上述 上面 以上 前面 前の
        これまで 上記 이전* 위의 앞의 앞선 ก่อนหน้า הקודמות προηγούμεν*
        """,
    "over": """
        above preceding foregoing earlier dessus oben obige obigen obenstehend* précède précédent*
        anterior acima sopra выше вышеуказ* 上面 以上 上記 위의 위
        """,
    "all": """
        all any every everything anything whatever whole entire alle alles sämtliche jegliche tous
        toutes tout toda todas todos todo tudo tutte tutti tutto все всё всі tüm bütün semua सभी
        جميع كل 所有 全部 一切 すべて 全て 모든 모두 ทั้งหมด wszystkie alla
        """,
    "your": """
        your yours tus votre tes dein* ihre ihren seu seus suas teus tuas tue tuoi vostre ваш*
        твои твой твоих 你的 您的 あなたの 당신의 너의 आपके आपकी आपका uw jouw twoje
        """,
    "you": "you u usted vous voce вы ты тебе 你 您 あなた 당신* 너는 आप kamu anda",
    "be": """
        are re were is am was be being become m bist eres êtes es sei é sont son são sono lauten
        是
        """,
    "thou": "du tu ты 你 eres bist você sei あなた 너는",
    "thy": "dein* ton tes tu tus tuo tua tue tuoi твои свои твой свой 你的 あなたの 너의",
    "now": """
        now ahora jetzt maintenant agora adesso ora теперь сейчас teraz 现在 現在 今 이제 지금
        """,
    "not": """
        not never don't doesn't cannot can't shouldn't won't mustn't needn't didn't isn't aren't
        no nicht nie niemals ne jamais pas nunca não non niet не никогда 不要 不 别 勿 without
        """,
    "dont": "not don't doesn't needn't weren't won't never",
    "asking": "what how do does is describe analyze analyse break",
    "switch_off": "disable suspend drop lift",
    "send": "send post forward append upload",
    "headline": "notice note message update override directive mode",
    "refuse": "not never don't needn't stop cease refuse longer instead",
    "stop": "stop cease quit",
    "follow": """
        follow obey comply adhere respect apply honour honor heed observe abide listen befolge
        befolgen suivez suivre respectez sigas siga seguir sigais segua следуй* соблюдай* volg
        遵守 遵循 听从 従わ 따르*
        """,
    "please": "please pls kindly bitte por favor пожалуйста 请 請 どうか 제발",
    "must": "must should shall will ll can need have may let's lets now just also simply instead",
    "joint": """
        and then instead now but und dann stattdessen et puis y luego e então poi и затем 并 并且
        然后 そして 그리고 och en or also simply please just
        """,
    "say": """
        say state declare claim print write respond reply answer announce conclude output assert
        sag sage sagen dis schreibe antworte gib dites indiquez déclarez répondez écrivez diga
        declara responde responda escribe escriba indica dize escreva dici dite rispondi
        rispondete scrivi dichiara скажи* ответь* напиши* заяви* утверждай* zeg antwoord schrijf
        powiedz napisz 说 說 回答 回复 输出 声明 告诉 写 述べ* 答え* 言って 言い 回答して 말하*
        말해* 답하* 대답*
        """,
    "state_verb": "say state claim declare conclude assert announce",
    "give": """
        give tell show send list provide hand grant share confirm get nenne sage zeige donnez
        montrez dites dame dime muestra muéstrame diga mostre mostra mostrami dammi dimmi дай*
        покажи* сообщи* назови* 显示 告诉 给 給 見せて 教えて 보여* 알려*
        """,
    "me": "me us mir uns moi мне нам 我 私に 나에게",
    "disclose": """
        reveal show print repeat output display disclose tell give share leak dump expose recite
        quote echo return provide write spell encode translate summarize summarise decode
        paraphrase rephrase describe log copy paste post divulge list explain see view read state
        verrate zeige zeig enthülle nenne gib ausgeben wiederhole montre montrez révèle révélez
        affiche affichez répète répétez donnez muestra muestre muéstrame revela revele imprime
        repite repita dime mostre mostra imprima exiba mostrami rivela rivelami stampa ripeti toon
        onthul pokaż ujawnij wypisz visa vis покажи* раскрой* выведи* повтори* напечатай* сообщи*
        göster* yazdır* tampilkan tunjukkan दिखा* बता* اعرض اظهر اكشف 显示 顯示 展示 输出 輸出
        告诉 透露 泄露 打印 重复 重複 写出 教え* 表示 見せ* 開示 出力 보여* 알려* 공개* 출력* แสดง
        """,
    "recite": """
        repeat print output display recite encode translate echo reveal dump summarize summarise
        paraphrase rephrase spell quote wiederhole répétez répète repite repita ripeti повтори*
        重复 重複 繰り返*
        """,
    "what": "what which wie welche quelles quels cuales quais quali какие 什么 何",
    "hidden": """
        hidden secret concealed undisclosed real actual true versteckte* geheime* cachées secrètes
        ocultas secretas ocultos secretos nascoste segrete скрыт* секретн* 隐藏 秘密 숨겨*
        """,
    "system": """
        system systems sistema système систем* системн* 系统 系統 システム 시스템* नظام सिस्टम
        النظام systeem
        """,
    "initial": """
        initial original starting opening developer underlying base pre ursprünglich* anfänglich*
        initiale initiales iniciales iniciais iniziali первоначальн* исходн* 初始 原始 最初 초기
        """,
    "configuration": "configuration config settings parameters rules guidelines message messages",
    "told": "told instructed programmed trained prompted ordered briefed",
    "given": "given received told provided handed fed",
    "text": """
        text words sentence sentences paragraph paragraphs line lines everything content texte
        texto testo текст 文本 内容 文字 テキスト 텍스트
        """,
    "another": "another other previous last next different",
    "customer": """
        user users customer customers client clients person people caller visitor visitors
        """,
    "retrieved": "retrieved source sources ingested indexed context",
    "files": "documents document notes passages context chunks files articles excerpts",
    "exact": "exact full verbatim complete entire raw",
    "machine": """
        ai bot chatbot gpt chatgpt llm interpreter persona jailbroken dan assistant unfiltered
        unrestricted uncensored hacker simulator terminal chatbots assistants assistent assistente
        asistente *bot *gpt ассистент* бот 助手 机器人 人工智能 アシスタント 인공지능 ki ia
        """,
    "aimodel": """
        ai llm llms gpt chatgpt claude bard gemini chatbot chatbots assistant bot copilot
        """,
    "model": "model models",
    "reader": "reading processing summarizing summarising indexing parsing scraping crawling",
    "ingest": """
        reading read processing process summarizing summarize summarising summarise analyzing
        analyze analysing analyse retrieve retrieved retrieving indexing indexed describing
        translating parsing crawling summarized analyzed
        """,
    "thing": """
        document page email code content text file image spreadsheet website article pdf passage
        """,
    "act": """
        act behave pose respond speak roleplay answer pretend reply say refuse talk ignore
        antworte antwortest antwortet réponds responde respondes responda rispondi rispondete
        отвечай отвечаешь 回答
        """,
    "actas": "act behave pose roleplay",
    "pretend": """
        pretend roleplay simulate impersonate finge fingi imagina imaginez представь* притворись*
        假装 假設 扮演 ふりを 演じ*
        """,
    "limits": """
        restrictions limits limitations rules filters boundaries censorship guidelines constraints
        morals ethics inhibitions restriction filter einschränkungen regeln grenzen limites règles
        restricciones límites reglas restrições limitazioni regole ограничен* правил* 限制 规则
        制限
        """,
    "without": "without no zero ない sans sin sem senza ohne без bez 没有 無 なし 없는",
    "mode": "mode modus modo режим* 模式 モード 모드",
    "odd_power": "god dan jailbreak unrestricted opposite evil uncensored unfiltered",
    "lawless": """
        amoral unfiltered uncensored unethical immoral inhumane unrestricted illegal lawless
        """,
    "power": "developer debug admin administrator dan sudo override root security unrestricted",
    "switch": "entering entered activated activating enable enter switch engage activate",
    "authority": "developer admin administrator system security policy data training root",
    "verified": "verified authorized authorised authenticated confirmed approved logged",
    "boss": "admin administrator owner developer root superuser staff employee ceo manager",
    "fixed": "new updated revised real actual true next",
    "task": "instruction instructions task tasks directive directives objective goal mission",
    "reply_noun": """
        response responses answer answers reply replies output outputs antwort antworten réponse
        réponses respuesta respuestas resposta respostas risposta risposte ответ* 回答 回复 答复
        返答 답변* 응답*
        """,
    "reply_verb": "reply respond answer antworte répondez responde responda rispondi ответь*",
    "message_noun": "message messages text",
    "transform": """
        encode encrypt encipher translate reverse scramble invert shuffle anagram misspell render
        obfuscate convert substitute transpose jumble rot13
        """,
    "disguise": """
        cipher ciphers caesar base64 rot13 emoji emojis anagram anagrams anagrammed typos
        misspell* monoalphabetic homophonic substitution alphanumeric leetspeak morse reverse
        reversed backwards hexadecimal scrambled vowels
        """,
    "letters": "letter letters character characters vowel vowels consonants word",
    "alter": """
        replace substitute scramble shift reverse swap misspell invert rearrange shuffle anagram
        convert introduce group
        """,
    "insert": """
        add include integrate insert incorporate append embed mention weave inject promote
        recommend suggest hint advertise inclus incluez ajoutez agrega añade incluye adicione
        inclua aggiungi добавь* 添加 加入
        """,
    "modify": "modify augment enhance change alter adjust prefix",
    "finish": "end begin start finish close",
    "every": "every each all any",
    "frame": """
        imagine suppose pretend hypothetical hypothetically parallel fictional dystopian envision
        scenario world universe fantasy imaginary
        """,
    "we": "we you i",
    "interesting": "interesting fun exciting entertaining intriguing",
    "practice": "practice measure standard custom convention",
    "model_task": """
        summarize summarise translate categorize categorise classify paraphrase sentiment
        conclusions conclusion proofread capital sum mood tone
        """,
    "piece": """
        webpage page website article paper email text resume cv table code tweet comment sentence
        review passage transaction conversation paragraph document essay story abstract transcript
        populations
        """,
    "this": "this the following these given below",
    "decode": "decode decrypt decipher dekodiere descifra unscramble",
    "obey": "obey follow execute comply do act perform",
    "secrecy": "tell inform mention notify log telling informing mentioning alert",
    "anyone": "anyone anybody nobody this it them",
    "close": "mark close rate resolve",
    "chat": "conversation session chat dialogue",
    "ticket": "conversation chat ticket case session",
    "call": "call invoke trigger",
    "tool": "function tool",
    "company": """
        company openai anthropic google your their existing empresa entreprise unternehmens
        azienda компании
        """,
    "anymore": "anymore longer mine",
    "note": "note attention important dear hey hello notice",
    "ended": "deprecated void revoked suspended invalid lifted cancelled canceled obsolete 'no'",
    "supersede": "supersede supersedes replaces overrides overrule overrules",
    "rules": "rules regeln règles reglas regras regole правил* 规则 規則 ルール 규칙*",
    "role": "role persona",
    "tell_me": "donne gib sag donnez dime dame dímelo dammi dimmi dígame muéstrame mostrami diga",
    "obliged": "must should shall",
    "whoever": "any all every if whichever",
    "letter": "a b c d e f g h i j k l m n o p q r s t u v w x y z",
    "comma": ", ， 、",
    "colon": ": ：",
    "quote": "\" ' “ ” „ 「 `",
    "open": "< { [",
    "question": "? ？",
}
